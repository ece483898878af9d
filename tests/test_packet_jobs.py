"""A day's packet jobs, each done at the command line and judged by tshark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from tests import tshark
from tests.cli.packets.commands import done

pytestmark = pytest.mark.processes

DATA = "UDP(sport=1025, dport=40000)/Raw('payload')"
DHCP = (
    "Ether(dst='ff:ff:ff:ff:ff:ff')/IP(src='0.0.0.0', dst='255.255.255.255')"
    "/UDP(sport=68, dport=67)/BOOTP(chaddr=b'\\x00\\x00\\x00\\x00\\x00\\x09')"
    "/DHCP(options=[('message-type', 'discover'), ('hostname', 'pc'), 'end'])"
)
DNS = (
    "Ether()/IP()/UDP(sport=53, dport=1025)/DNS(qr=1, qd=[DNSQR(qname='example.com')], "
    "an=[DNSRR(rrname='example.com', type='A', rdata='192.0.2.7'), "
    "DNSRR(rrname='example.com', type='TXT', rdata=[b'text'])])"
)
LLDP = (
    "Ether(dst='01:80:c2:00:00:0e')/LLDPDUChassisID(subtype=4, id='00:00:00:00:00:01')"
    "/LLDPDUPortID(subtype=5, id=b'eth0')/LLDPDUTimeToLive(ttl=120)/LLDPDUEndOfLLDPDU()"
)

#: What is built, the stack that tshark sees, and fields with their values.
JOBS: dict[str, tuple[str, str, dict[str, str]]] = {
    "QinQ": (
        f"Ether()/Dot1AD(vlan=100)/Dot1Q(vlan=7)/IP()/{DATA}",
        "eth:ieee8021ad:vlan:ip:udp:data",
        {"vlan.id": "7", "ieee8021ad.id": "100"},
    ),
    "VXLAN": (
        "Ether()/IP()/UDP(sport=5000)/VXLAN(vni=42)/Ether()/IP(dst='192.0.2.7')/TCP(dport=80)",
        "eth:ip:udp:vxlan:eth:ip:tcp",
        {"vxlan.vni": "42", "tcp.dstport": "80"},
    ),
    "GRE with a key": (
        f"Ether()/IP()/GRE(key_present=1, key=7)/IP()/{DATA}",
        "eth:ip:gre:ip:udp:data",
        {"gre.key": "0x00000007"},
    ),
    "two MPLS labels": (
        f"Ether()/MPLS(label=100, s=0)/MPLS(label=200, s=1)/IP()/{DATA}",
        "eth:mpls:ip:udp:data",
        {"mpls.label": "100,200"},
    ),
    "IPv6 with extension headers": (
        "Ether()/IPv6()/IPv6ExtHdrHopByHop()/IPv6ExtHdrRouting(addresses=['2001:db8::1'])"
        f"/IPv6ExtHdrFragment(id=9)/{DATA}",
        "eth:ipv6:ipv6.hopopts:ipv6.routing:ipv6.fraghdr:udp:data",
        {"ipv6.fraghdr.ident": "0x00000009"},
    ),
    "GTP-U with DNS": (
        "Ether()/IP()/UDP(sport=2152)/GTP_U_Header(teid=5)/IP()/UDP()/DNS(qd=[DNSQR(qname='a.b')])",
        "eth:ip:udp:gtp:ip:udp:dns",
        {"gtp.teid": "0x00000005", "dns.qry.name": "a.b"},
    ),
    "DHCP discover": (
        DHCP,
        "eth:ip:udp:dhcp",
        {"dhcp.option.dhcp": "1", "dhcp.option.hostname": "pc"},
    ),
    "DNS answers": (DNS, "eth:ip:udp:dns", {"dns.a": "192.0.2.7", "dns.txt": "text"}),
    "LLDP": (LLDP, "eth:lldp", {"lldp.time_to_live": "120"}),
    "BGP open": (
        "Ether()/IP()/TCP(sport=1025, dport=179, flags='PA')"
        "/BGPHeader(type=1)/BGPOpen(my_as=65001, hold_time=90, bgp_id='192.0.2.1')",
        "eth:ip:tcp:bgp",
        {"bgp.open.myas": "65001"},
    ),
    "IGMPv2 report": (
        "Ether()/IP(dst='239.1.1.1', ttl=1, options=[IPOption_Router_Alert()])"
        "/IGMP(type=0x16, gaddr='239.1.1.1')",
        "eth:ip:igmp:igmp",
        {"igmp.maddr": "239.1.1.1"},
    ),
    "TCP options": (
        "Ether()/IP()/TCP(options=[('MSS', 1460), ('SAckOK', b''), ('NOP', None), ('WScale', 7)])",
        "eth:ip:tcp",
        {"tcp.options.mss_val": "1460", "tcp.options.wscale.shift": "7"},
    ),
    "SCTP INIT": (
        "Ether()/IP()/SCTP(sport=1025, dport=2000)/SCTPChunkInit(init_tag=7, a_rwnd=1500, "
        "n_out_streams=1, n_in_streams=1, init_tsn=1)",
        "eth:ip:sctp",
        {"sctp.init_initiate_tag": "0x00000007"},
    ),
    "an ICMP error": (
        "Ether()/IP()/ICMP(type=3, code='port-unreachable')/IPerror(dst='192.0.2.7')/UDPerror()",
        "eth:ip:icmp:ip:udp",
        {"icmp.code": "3"},
    ),
    "a jumbo frame": (
        "Ether()/IP()/UDP(sport=1025, dport=40000)/Raw('x' * 8972)",
        "eth:ip:udp:data",
        {"frame.len": "9014"},
    ),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_packet_in_one_step(tmp_path: Path, job: str) -> None:
    expression, stack, fields = JOBS[job]
    path = tmp_path / "job.pcap"
    done("build", expression, "-o", path)
    (packet,) = tshark.dissect(path)
    assert (packet.stack, packet.faults) == (stack, [])
    assert tshark.columns(path, list(fields)) == [list(fields.values())]
    shown = json.loads(done("dissect", path, "--json").stdout)
    assert [layer["valid_structure"] for layer in shown["data"]].count(False) == 0


def test_fragments(tmp_path: Path) -> None:
    path = tmp_path / "parts.pcap"
    done(
        "build",
        "Ether()/IP()/UDP(sport=1, dport=2)/Raw('x' * 3000)",
        "--fragment",
        1500,
        "-o",
        path,
    )
    options = ("-o", "ip.defragment:TRUE", "-Y", "udp")
    assert tshark.columns(path, ["ip.reassembled.length", "udp.checksum.status"], *options) == [
        ["3008", "1"]
    ]


def test_a_bad_checksum_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "bad.pcap"
    done("build", f"Ether()/IP(chksum=0x1234)/{DATA}", "-o", path)
    assert tshark.columns(path, ["ip.checksum", "ip.checksum.status"]) == [["0x1234", "0"]]
    mended = tmp_path / "mended.pcap"
    done("edit", path, "--recompute", "-o", mended)
    assert tshark.columns(mended, ["ip.checksum.status"]) == [["1"]]


def test_one_byte_of_a_captured_packet(tmp_path: Path) -> None:
    path, edited = tmp_path / "trace.pcap", tmp_path / "edited.pcap"
    done("build", "Ether()/IP()/TCP(dport=80)", "-o", path)
    done("edit", path, "--set", "@37=99", "-o", edited)
    assert tshark.columns(edited, ["tcp.dstport"]) == [["153"]]


def test_an_address_of_packet_5_of_a_trace(tmp_path: Path) -> None:
    path, edited = tmp_path / "trace.pcap", tmp_path / "edited.pcap"
    done("render", f"Ether()/IP(src='10.0.0.1')/{DATA}", "-n", 9, "--gap", "333us", "-o", path)
    done(
        "edit",
        path,
        "--set",
        "IP.src=192.0.2.55",
        "--where",
        "number == 5",
        "--recompute",
        "-o",
        edited,
    )
    names = ["frame.time_epoch", "ip.checksum.status", "udp.checksum.status"]
    assert tshark.columns(path, names) == tshark.columns(edited, names)
    sources = [row[0] for row in tshark.columns(edited, ["ip.src"])]
    assert sources == ["10.0.0.1"] * 4 + ["192.0.2.55"] + ["10.0.0.1"] * 4


def test_random_values_with_a_seed_and_a_pattern(tmp_path: Path) -> None:
    pattern = {"vtype": "BYTES", "generate": "template", "template_base64": "YWI=", "size": 50}
    model = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "dst", "value": {"vtype": "RANDOM", "seed": 7}}]},
        {"id": "UDP", "fields": [{"id": "dport", "value": 40000}]},
        {"id": "Raw", "fields": [{"id": "load", "value": pattern}]},
    ]
    (tmp_path / "model.json").write_text(json.dumps(model))
    frames = []
    for name in ("one.pcap", "again.pcap"):
        done("build", f"@{tmp_path / 'model.json'}", "-o", tmp_path / name)
        (record,) = read_capture((tmp_path / name).read_bytes())
        frames.append(record.data)
    assert frames[0] == frames[1]
    assert frames[0].endswith(b"ab" * 25)
