"""Stacks of layers, the fields that may be given of each, and values for them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw

from scapy_server.errors import ScapyServerError

Layers = list[tuple[str, dict[str, Any]]]


MACS = ["00:00:00:00:00:01", "FF-EE-dd-cc-BB-aa", "00:11:22:33:44", "00:11-22:33:44:55", "x", ""]


IPV4 = [
    "1.2.3.4",
    "255.255.255.255",
    "0.0.0.0",
    "01.2.3.4",
    "1.2.3",
    "300.1.1.1",
    "::1",
    " 1.2.3.4",
    "",
]


IPV6 = ["::", "::1", "2001:DB8::0:1", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4", "::g"]


NUMBERS = [
    0,
    1,
    5,
    "7",
    "0x1f",
    "0X1F",
    "255",
    256,
    "65535",
    65536,
    -1,
    "-1",
    "007",
    "1_0",
    " 5",
    "٣",
    "x",
    "",
]


PORTS = [*NUMBERS, 53, "53", 80, 443, "4789", 2152, 67, 3784, 12345, "54321"]


PAYLOADS = [
    "abcd",
    "ab\u00e9",
    "\U0001f600",
    "longer text",
    "\0\x01\x02\x03",
    {"vtype": "BYTES", "base64": "AAECAw=="},
    {"vtype": "BYTES", "base64": "/////w"},
    {"vtype": "BYTES", "base64": "RQAAAA=="},
    {"vtype": "BYTES", "base64": "!"},
    {"vtype": "BYTES", "base64": ""},
    {"vtype": "BYTES", "generate": "random_bytes", "size": 4},
]


def expression(text: str) -> dict[str, str]:
    return {"vtype": "EXPRESSION", "expr": text}


UNDEFINED = {"vtype": "UNDEFINED"}
TCP_OPTIONS = [
    expression("[('MSS', 1460), ('NOP', None), ('WScale', 7)]"),
    expression("[('NOP', None), ('NOP', None), ('Timestamp', (7, 8))]"),
    [["SAckOK", ""], ["EOL", None]],
    expression("[('MSS', 1)"),
    [],
    UNDEFINED,
]
QUESTIONS = [
    expression("[DNSQR(qname='example.com')]"),
    expression("[DNSQR(qname='example.com'), DNSQR(qtype='MX')]"),
    expression("DNSQR(qname='')"),
    expression("[IP()]"),
    UNDEFINED,
]
ANSWERS = [
    expression("[DNSRR(rrname='example.com', rdata='192.0.2.1')]"),
    expression("[DNSRR(rrname='a', type='TXT', rdata=b'x'), DNSRRSOA()]"),
    [],
    "nope",
]
DHCP_OPTIONS = [
    expression("[('message-type', 'discover'), ('hostname', b'x'), 'end']"),
    expression("[('message-type', 5), ('server_id', '192.0.2.1'), 'end']"),
    expression("5"),
]
MAGIC = {"vtype": "BYTES", "base64": "Y4JTYw=="}


FIELDS: dict[str, dict[str, list[Any]]] = {
    "Ether": {
        "dst": MACS,
        "src": MACS,
        "type": [0x800, "IPv4", "0x9000", 5, "1500", "1501", "LOOP"],
    },
    "Dot1Q": {"prio": NUMBERS, "vlan": NUMBERS, "dei": NUMBERS, "type": [0x800, 5, "IPv6"]},
    "Dot1AD": {"prio": NUMBERS, "vlan": NUMBERS},
    "ARP": {
        "op": ["is-at", "who-has", 3, "nope"],
        "hwsrc": MACS,
        "psrc": IPV4,
        "hwdst": MACS,
        "pdst": IPV4,
        "hwlen": [6, 4],
    },
    "IP": {
        "tos": NUMBERS,
        "id": NUMBERS,
        "flags": ["DF", "MF+DF", 0, "", "evil", "X", 7, 8],
        "frag": NUMBERS,
        "ttl": NUMBERS,
        "proto": ["tcp", 17, "nope"],
        "src": IPV4,
        "dst": IPV4,
        "len": [40, 20, 0],
        "ihl": [5, 6],
        "chksum": [*NUMBERS, UNDEFINED],
        "version": [4, 6],
    },
    "IPv6": {
        "tc": NUMBERS,
        "fl": NUMBERS,
        "hlim": NUMBERS,
        "src": IPV6,
        "dst": IPV6,
        "plen": [0, 5],
        "nh": [6, 17, 0],
    },
    "TCP": {
        "sport": PORTS,
        "dport": PORTS,
        "seq": NUMBERS,
        "ack": NUMBERS,
        "flags": ["S", "SA", "FPU", "", 0, "Q", 511],
        "window": NUMBERS,
        "urgptr": NUMBERS,
        "options": TCP_OPTIONS,
        "options[0]": [expression("('MSS', 9)"), 5],
        "options[0].value": NUMBERS,
        "reserved": NUMBERS,
        "chksum": NUMBERS,
        "dataofs": [5, 6],
    },
    "UDP": {
        "sport": PORTS,
        "dport": PORTS,
        "len": [8, 12, 0, UNDEFINED],
        "chksum": [UNDEFINED, *NUMBERS],
    },
    "ICMP": {"type": ["echo-request", 0, 3, 13], "code": NUMBERS, "id": NUMBERS, "seq": NUMBERS},
    "ICMPv6EchoRequest": {"id": NUMBERS, "seq": NUMBERS, "data": PAYLOADS},
    "VXLAN": {"vni": NUMBERS, "flags": [8, "Instance"]},
    "GRE": {
        "key_present": [0, 1],
        "key": NUMBERS,
        "proto": [0x800, 0x6558, 0x880B],
        "seqnum_present": [0, 1],
    },
    "MPLS": {"label": NUMBERS, "cos": NUMBERS, "s": [0, 1], "ttl": NUMBERS},
    "GTP_U_Header": {"teid": NUMBERS, "gtp_type": [255, 1], "E": [0, 1]},
    "DNS": {
        "id": NUMBERS,
        "qr": [1, 0, "1", 2],
        "rcode": ["ok", 3, "refused", 16],
        "qd": QUESTIONS,
        "an": ANSWERS,
        "qd[0].qname": ["example.org", "x.example", 5, ""],
        "an[0].rdata": [*IPV4, "x"],
        "qdcount": [1, 0, UNDEFINED],
    },
    "BOOTP": {
        "op": [1, "BOOTREPLY", 3, "x"],
        "xid": NUMBERS,
        "yiaddr": IPV4,
        "sname": ["host", "x" * 64, "a longer name", "x" * 65, "é", "", MAGIC],
        "options": [MAGIC, "", MAGIC],
        "chaddr": [{"vtype": "BYTES", "base64": "AAECAwQF"}, "x"],
    },
    "DHCP": {"options": DHCP_OPTIONS, "options[0].value": [2, "offer", "x"]},
    "Radius": {
        "code": [1, 2, "Access-Reject", 999],
        "id": NUMBERS,
        "attributes": [expression("[RadiusAttribute(type=1, value=b'bob')]"), []],
    },
    "IPv6ExtHdrHopByHop": {"options": [expression("[RouterAlert()]"), [], expression("[5]")]},
    "Raw": {"load": PAYLOADS},
    "BFD": {"my_discriminator": NUMBERS, "detect_mult": NUMBERS},
}


STACKS = [
    ["Ether", "IP", "TCP"],
    ["Ether", "IP", "TCP", "Raw"],
    ["Ether", "IP", "UDP", "Raw"],
    ["Ether", "Dot1Q", "IPv6", "UDP", "Raw"],
    ["Ether", "Dot1AD", "Dot1Q", "IP", "TCP"],
    ["Ether", "IPv6", "TCP"],
    ["Ether", "ARP"],
    ["Ether", "IP", "ICMP", "Raw"],
    ["Ether", "IPv6", "ICMPv6EchoRequest"],
    ["Ether", "IP", "UDP", "VXLAN", "Ether", "IP", "TCP", "Raw"],
    ["Ether", "IP", "GRE", "IP", "UDP", "Raw"],
    ["Ether", "MPLS", "MPLS", "IP", "UDP"],
    ["Ether", "MPLS", "Raw"],
    ["Ether", "IP", "UDP", "GTP_U_Header", "IP", "TCP"],
    ["IP", "TCP"],
    ["Ether", "Raw"],
    ["Ether", "TCP"],
    ["Ether", "IP", "UDP", "BFD"],
    ["Ether", "IP", "UDP", "DNS"],
    ["Ether", "IP", "TCP", "DNS"],
    ["Ether", "IP", "UDP", "BOOTP", "DHCP"],
    ["Ether", "IP", "UDP", "Radius", "IP", "UDP", "Raw"],
    ["Ether", "IPv6", "IPv6ExtHdrHopByHop", "UDP", "DNS"],
]


def model_of(layers: Layers) -> list[dict[str, Any]]:
    return [
        {"id": name, "fields": [{"id": field, "value": value} for field, value in fields.items()]}
        for name, fields in layers
    ]


@st.composite
def shapes(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """A stack of layers and which fields of each are given."""
    stack = draw(st.sampled_from(STACKS))
    return [
        (name, draw(st.lists(st.sampled_from(sorted(FIELDS[name])), max_size=4, unique=True)))
        for name in stack
    ]


@st.composite
def packets_of_a_shape(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """A few models of one shape; the first ones with values that are mostly good."""
    shape = draw(shapes())
    models = []
    for number in range(6):
        # The first packets are planned only if they can be built.
        choices = slice(0, 2) if number < 2 else slice(None)
        models.append(
            model_of(
                [
                    (
                        name,
                        {
                            field: draw(st.sampled_from(FIELDS[name][field][choices]))
                            for field in fields
                        },
                    )
                    for name, fields in shape
                ]
            )
        )
    return models


def few_shapes(count: int) -> list[bytes]:
    """Frames of four shapes with other values in each."""
    return [
        bytes(
            (
                Ether() / IP(src=f"192.0.2.{k % 250}", id=k) / TCP(sport=9000 + k, dport=9, seq=k),
                Ether() / IP(ttl=k % 200 + 1) / UDP(sport=9000 + k, dport=9) / Raw(bytes([k] * 9)),
                Ether() / Dot1Q(vlan=k) / IPv6(hlim=k) / UDP(sport=9000 + k, dport=9),
                Ether() / ARP(psrc=f"192.0.2.{k}", op=1 + k % 2),
            )[k % 4]
        )
        for k in range(count)
    ]


def outcome(build: Any, model: Any) -> bytes | tuple[int, str]:
    try:
        result = build(model)
    except ScapyServerError as error:
        return int(error.code), error.message
    assert isinstance(result, bytes)
    return result


def codec_binary(result: bytes) -> str:
    return result.rpartition(b'"binary":"')[2].removesuffix(b'"}').decode()
