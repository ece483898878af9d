from __future__ import annotations

import base64
from pathlib import Path

import msgspec
import pytest

from scapy_server.captures.writing import write_capture
from scapy_server.catalog import templates
from scapy_server.catalog.definitions import Definitions
from scapy_server.catalog.templates import Templates
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.results import PacketResult
from scapy_server.schema.templates import TemplateEntry, TemplateFile
from tests import tshark

DOCUMENTED = [
    "ARP/ARP-REPLY",
    "ARP/ARP-REQUEST",
    "DHCP/DHCP-ACK",
    "DHCP/DHCP-DISCOVER",
    "DHCP/DHCP-REQUEST",
    "ICMP echo request",
    "IGMP-JOIN",
    "IPv4/ICMP",
    "IPv4/TCP",
    "IPv4/UDP",
    "IPv6/ICMP",
    "IPv6/TCP",
    "IPv6/UDP",
    "TCP-SYN",
]

#: Names under which layers keep what is computed from the rest of the packet.
COMPUTED = {"len", "length", "plen", "optlen", "ihl", "dataofs", "chksum", "cksum", "checksum"}

#: tshark reads RTP where it is told to.
DECODE_AS = ("-d", "udp.port==5004,rtp")

#: The protocols that tshark reads in each template (`frame.protocols` without "ethertype").
STACKS = {
    "ARP/ARP-REPLY": "eth:arp",
    "ARP/ARP-REQUEST": "eth:arp",
    "Application/COAP-GET": "eth:ip:udp:coap",
    "Application/HTTP-GET": "eth:ip:tcp:http",
    "Application/MODBUS-READ": "eth:ip:tcp:mbtcp:modbus",
    "Application/MQTT-CONNECT": "eth:ip:tcp:mqtt",
    "Application/NETFLOW-V5": "eth:ip:udp:cflow",
    "Application/NTP": "eth:ip:udp:ntp",
    "Application/PFCP-HEARTBEAT": "eth:ip:udp:pfcp",
    "Application/PTP-SYNC": "eth:ip:udp:ptp",
    "Application/RADIUS": "eth:ip:udp:radius",
    "Application/RTP": "eth:ip:udp:rtp",
    "Application/SIP-OPTIONS": "eth:ip:udp:sip",
    "Application/SNMP-GET": "eth:ip:udp:snmp",
    "Application/SYSLOG": "eth:ip:udp:syslog",
    "Application/TFTP-READ": "eth:ip:udp:tftp",
    "DHCP/DHCP-ACK": "eth:ip:udp:dhcp",
    "DHCP/DHCP-DISCOVER": "eth:ip:udp:dhcp",
    "DHCP/DHCP-REQUEST": "eth:ip:udp:dhcp",
    "DNS/ANSWER": "eth:ip:udp:dns",
    "DNS/QUERY": "eth:ip:udp:dns",
    "DNS/QUERY-IPv6": "eth:ipv6:udp:dns",
    "ICMP echo request": "eth:ip:icmp",
    "IGMP-JOIN": "eth:ip:igmp:igmp",
    "IPv4/ICMP": "eth:ip:icmp:data",
    "IPv4/ICMP-TIME-EXCEEDED": "eth:ip:icmp:ip:udp",
    "IPv4/IGMP-QUERY": "eth:ip:igmp:igmp",
    "IPv4/IGMPv3-REPORT": "eth:ip:igmp:igmp",
    "IPv4/SCTP-DATA": "eth:ip:sctp:data",
    "IPv4/SCTP-INIT": "eth:ip:sctp",
    "IPv4/TCP": "eth:ip:tcp:data",
    "IPv4/UDP": "eth:ip:udp",
    "IPv6/DHCPv6-SOLICIT": "eth:ipv6:udp:dhcpv6",
    "IPv6/ICMP": "eth:ipv6:icmpv6:data",
    "IPv6/MLDv2-REPORT": "eth:ipv6:ipv6.hopopts:icmpv6",
    "IPv6/NDP-NA": "eth:ipv6:icmpv6",
    "IPv6/NDP-NS": "eth:ipv6:icmpv6",
    "IPv6/NDP-RA": "eth:ipv6:icmpv6",
    "IPv6/NDP-RS": "eth:ipv6:icmpv6",
    "IPv6/TCP": "eth:ipv6:tcp:data",
    "IPv6/UDP": "eth:ipv6:udp",
    "MPLS/IPv4": "eth:mpls:ip:udp:data",
    "MPLS/IPv6": "eth:mpls:ipv6:udp:data",
    "PPPoE/PADI": "eth:pppoed",
    "PPPoE/SESSION": "eth:pppoes:ppp:ip:udp:data",
    "Routing/BFD": "eth:ip:udp:bfd",
    "Routing/BGP-KEEPALIVE": "eth:ip:tcp:bgp",
    "Routing/BGP-OPEN": "eth:ip:tcp:bgp",
    "Routing/EIGRP-HELLO": "eth:ip:eigrp",
    "Routing/HSRP": "eth:ip:udp:hsrp",
    "Routing/LDP-HELLO": "eth:ip:udp:ldp",
    "Routing/OSPF-HELLO": "eth:ip:ospf",
    "Routing/PIM-HELLO": "eth:ip:pim",
    "Routing/RIP-REQUEST": "eth:ip:udp:rip",
    "Routing/VRRP": "eth:ip:vrrp",
    "Security/ESP": "eth:ip:esp",
    "Security/IKEv2-SA-INIT": "eth:ip:udp:isakmp",
    "Security/MACsec": "eth:macsec:data",
    "Security/WIREGUARD": "eth:ip:udp:wg",
    "Size/UDP-1518": "eth:ip:udp:data",
    "Size/UDP-594": "eth:ip:udp:data",
    "Size/UDP-64": "eth:ip:udp:data",
    "Switching/CDP": "eth:llc:cdp",
    "Switching/LACP": "eth:slow:lacp",
    "Switching/LLDP": "eth:lldp",
    "Switching/PAUSE": "eth:macc",
    "Switching/STP": "eth:llc:stp",
    "TCP-SYN": "eth:ip:tcp",
    "Tunnel/6in4": "eth:ip:ipv6:udp:data",
    "Tunnel/ERSPAN": "eth:ip:gre:erspan:eth:ip:udp:data",
    "Tunnel/EtherIP": "eth:ip:etherip:eth:ip:udp:data",
    "Tunnel/GENEVE": "eth:ip:udp:geneve:eth:ip:udp:data",
    "Tunnel/GRE": "eth:ip:gre:ip:udp:data",
    "Tunnel/GRE-KEY": "eth:ip:gre:ip:udp:data",
    "Tunnel/GTP-U": "eth:ip:udp:gtp:ip:udp:data",
    "Tunnel/IP-in-IP": "eth:ip:ip:udp:data",
    "Tunnel/L2TP": "eth:ip:udp:l2tp:ppp:ip:udp:data",
    "Tunnel/NVGRE": "eth:ip:gre:eth:ip:udp:data",
    "Tunnel/VXLAN": "eth:ip:udp:vxlan:eth:ip:udp:data",
    "VLAN/802.1Q": "eth:vlan:ip:udp:data",
    "VLAN/QinQ": "eth:ieee8021ad:vlan:ip:udp:data",
}

TEMPLATES = Templates()
IDS = [entry.id for entry in TEMPLATES.entries()]


def template(template_id: str) -> TemplateFile:
    return msgspec.json.decode(TEMPLATES.content(template_id), type=TemplateFile)


def build(template_id: str, registry: Registry) -> PacketResult:
    model = parse_model(template(template_id).packet, registry)
    return PacketCodec(registry).build(model)


class TestList:
    def test_the_documented_ones_are_there(self) -> None:
        assert set(DOCUMENTED) <= set(IDS)

    def test_the_order_is_that_of_the_ids(self) -> None:
        assert sorted(IDS) == IDS
        assert [entry.id for entry in Templates().entries()] == IDS

    def test_the_list_as_it_goes_over_the_wire(self) -> None:
        items = msgspec.to_builtins(TEMPLATES.entries())
        assert {
            "id": "IPv6/UDP",
            "meta": {
                "name": "IPv6 UDP",
                "description": "An empty UDP datagram over IPv6 with nothing set.",
            },
        } in items

    def test_captions_differ(self) -> None:
        captions = [entry.meta.name for entry in TEMPLATES.entries()]
        assert len(set(captions)) == len(captions)

    @pytest.mark.parametrize("entry", TEMPLATES.entries(), ids=lambda entry: entry.id)
    def test_the_description_is_one_sentence(self, entry: TemplateEntry) -> None:
        description = entry.meta.description
        assert description[0].isupper()
        assert description.endswith(".")
        assert ". " not in description


class TestDirectories:
    """Templates of the operator's own."""

    @staticmethod
    def fill(directory: Path, **files: str) -> Path:
        (directory / "Lab").mkdir()
        for name, text in files.items():
            (directory / "Lab" / f"{name}.trp").write_text(text)
        return directory

    def test_they_stand_among_ours_by_their_paths(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("no template")
        text = TEMPLATES.content("TCP-SYN").decode()
        both = Templates([self.fill(tmp_path, probe=text)])
        assert [entry.id for entry in both.entries()] == sorted([*IDS, "Lab/probe"])
        assert both.content("Lab/probe").decode() == text

    def test_one_stands_in_the_place_of_ours_of_the_same_name(self, tmp_path: Path) -> None:
        text = TEMPLATES.content("IPv6/UDP")
        (tmp_path / "TCP-SYN.trp").write_bytes(text)
        both = Templates([tmp_path])
        assert both.content("TCP-SYN") == text
        assert len(both.entries()) == len(IDS)

    def test_what_cannot_be_used_is_refused_with_its_file(self, tmp_path: Path) -> None:
        self.fill(tmp_path, wrong="{}")
        with pytest.raises(RefusedError, match=r"wrong\.trp: this is not a document"):
            Templates([tmp_path])
        with pytest.raises(RefusedError, match=r"a\+b\.trp cannot be asked for"):
            (tmp_path / "Lab" / "wrong.trp").rename(tmp_path / "a+b.trp")
            Templates([tmp_path])


class TestContent:
    @pytest.mark.parametrize("template_id", IDS)
    def test_the_file_is_what_the_packet_editor_reads(self, template_id: str) -> None:
        file = template(template_id)
        assert file.file_type == "trex-packet-editor"
        assert file.version == "1.0.0"
        assert file.fe_parameters == {"cache_size": "1000"}
        assert all(isinstance(layer["fields"], list) for layer in file.packet)
        values = [field["value"] for layer in file.packet for field in layer["fields"]]
        assert all(isinstance(value, str) or "vtype" in value for value in values)

    def test_what_comes_is_the_file_itself(self) -> None:
        path = Path(templates.__file__).parent / "templates" / "TCP-SYN.trp"
        assert TEMPLATES.content("TCP-SYN") == path.read_bytes()

    @pytest.mark.parametrize("character", "[]\\;,><&*:%=+@!#^()|?")
    def test_an_odd_character_is_answered_by_nothing(self, character: str) -> None:
        assert TEMPLATES.content(f"TCP-SYN{character}") == b""
        assert TEMPLATES.content(f"{character}TCP-SYN") == b""

    @pytest.mark.parametrize("template_id", ["..", "../templates/TCP-SYN", "IPv4/../TCP-SYN"])
    def test_a_way_out_is_answered_by_nothing(self, template_id: str) -> None:
        assert TEMPLATES.content(template_id) == b""

    @pytest.mark.parametrize(
        ("template_id", "said"),
        [
            ("tcp-syn", r"there is no template 'tcp-syn'; did you mean \"TCP-SYN\"\?$"),
            ("IPv4/TPC", r"did you mean \"IPv4/TCP\"\?$"),
            ("TCP-SYN.trp", r"did you mean \"TCP-SYN\"\?$"),
            ("", "there is no template ''$"),
            ("IPv4", "there is no template 'IPv4'"),
            ("/etc/passwd", "there is no template '/etc/passwd'$"),
            ("./TCP-SYN", r"did you mean \"TCP-SYN\"\?$"),
            ("x" * 100_000, "there is no template 'xxx"),
            ("\0", "there is no template"),
            ("$HOME", "there is no template"),
        ],
    )
    def test_an_unknown_one_is_refused(self, template_id: str, said: str) -> None:
        with pytest.raises(RefusedError, match=said) as refused:
            TEMPLATES.content(template_id)
        assert len(refused.value.message) < 200


class TestPackets:
    def test_the_definitions_know_every_layer_and_field(self, registry: Registry) -> None:
        definitions = Definitions(registry)
        for template_id in IDS:
            for layer in template(template_id).packet:
                (definition,) = definitions.select([layer["id"]])
                known = {field.id for field in definition.fields}
                assert {field["id"] for field in layer["fields"]} <= known

    @pytest.mark.parametrize("template_id", IDS)
    def test_the_bytes_read_as_the_layers_say(self, template_id: str, registry: Registry) -> None:
        layers = build(template_id, registry).data
        assert [layer.id for layer in layers] == [
            layer["id"] for layer in template(template_id).packet
        ]
        assert [layer.real_id for layer in layers] == [layer.id for layer in layers]

    @pytest.mark.parametrize("below", ["IP", "IPv6"])
    def test_the_udp_templates_set_nothing(self, below: str) -> None:
        packet = template(f"{below if below == 'IPv6' else 'IPv4'}/UDP").packet
        assert packet == [{"id": layer, "fields": []} for layer in ("Ether", below, "UDP")]

    @pytest.mark.parametrize("template_id", IDS)
    def test_lengths_and_check_sums_are_left_to_the_server(self, template_id: str) -> None:
        for layer in template(template_id).packet:
            assert COMPUTED.isdisjoint(field["id"] for field in layer["fields"])

    @pytest.mark.processes
    def test_tshark_finds_no_fault(self, registry: Registry, tmp_path: Path) -> None:
        frames = [base64.b64decode(build(i, registry).binary or b"") for i in IDS]
        path = tmp_path / "templates.pcap"
        path.write_bytes(write_capture(frames))
        packets = dict(zip(IDS, tshark.dissect(path, *DECODE_AS), strict=True))
        assert {i: packet.stack for i, packet in packets.items()} == STACKS
        assert {i: packet.faults for i, packet in packets.items() if packet.faults} == {}
