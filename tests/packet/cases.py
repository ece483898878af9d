# ruff: noqa: E501 (an expression stands on one line, as it is handed out)
"""Packets that tests build, read, rebuild and change: a model, its bytes, what is shown of it.

The bytes were checked field by field against the protocols' specifications and are read by
tshark without a complaint (a test holds them to that).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from scapy_server.schema.results import FieldResult, LayerResult

#: The display text of an expression is the expression.
SAME = "same"

Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """What is shown of one field; `offset` and `length` in bytes, the others in bits."""

    value: Any
    hvalue: str
    offset: int
    length: int
    bit_offset: int
    bit_length: int
    ignored: bool

    def agrees(self, result: FieldResult) -> bool:
        """Whether the field of a result is shown so."""
        return self == Shown(
            result.value,
            result.hvalue,
            result.offset,
            result.length,
            result.bit_offset,
            result.bit_length,
            result.ignored is True,
        )


@dataclass(frozen=True)
class Tree:
    """What is shown of one layer: its id, its offset and some of its fields."""

    id: str
    offset: int
    fields: dict[str, Shown]

    def disagreements(self, result: LayerResult) -> list[object]:
        """What a layer of a result shows otherwise; its id is not compared."""
        found: list[object] = []
        if result.offset != self.offset:
            found.append((self.id, "offset", result.offset))
        for name, expected in self.fields.items():
            actual = [each for each in result.fields if each.id == name]
            if not any(expected.agrees(each) for each in actual):
                found.append((self.id, name, actual))
        return found


@dataclass(frozen=True)
class Case:
    """`beyond` are the ids of what a dissection finds behind the layers of the model."""

    name: str
    model: list[Json]
    frame: bytes
    layers: list[Tree]
    link_type: int = 1
    beyond: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name


def layer(layer_id: str, /, **values: Any) -> Json:
    """A layer of a model as a client sends it."""
    return {"id": layer_id, "fields": [{"id": k, "value": v} for k, v in values.items()]}


def expression(text: str) -> Json:
    """A value that is an expression."""
    return {"vtype": "EXPRESSION", "expr": text}


def given_bytes(data: bytes) -> Json:
    """A value of bytes."""
    return {"vtype": "BYTES", "base64": base64.b64encode(data).decode()}


def tree(layer_id: str, offset: int, /, **fields: Shown) -> Tree:
    """A layer of a field tree."""
    return Tree(layer_id, offset, fields)


def shown(  # noqa: PLR0917 (a row of a table)
    value: Any,
    hvalue: str,
    offset: int,
    length: int,
    bit_offset: int,
    bit_length: int,
    *,
    ignored: bool = False,
) -> Shown:
    """A field of a field tree."""
    text = value["expr"] if hvalue is SAME else hvalue
    return Shown(value, text, offset, length, bit_offset, bit_length, ignored)


CASES = [
    Case(
        "TCP by default",
        [
            layer("Ether"),
            layer("IP"),
            layer("TCP"),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000280001000040063ace1000000130000001001400500000"
            "000000000000500220004f7d0000"
        ),
        [
            tree(
                "Ether",
                0,
                dst=shown("00:00:00:01:00:00", "00:00:00:01:00:00", 0, 6, 0, 48),
                src=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 6, 6, 48, 48),
                type=shown(2048, "IPv4", 12, 2, 96, 16),
            ),
            tree(
                "IP",
                14,
                version=shown(4, "4", 0, 0, 0, 4),
                ihl=shown(5, "5", 0, 0, 4, 4),
                tos=shown(0, "0x0", 1, 1, 8, 8),
                len=shown(40, "40", 2, 2, 16, 16),
                id=shown(1, "1", 4, 2, 32, 16),
                flags=shown(0, "", 6, 0, 48, 3),
                frag=shown(0, "0", 6, 0, 51, 13),
                ttl=shown(64, "64", 8, 1, 64, 8),
                proto=shown(6, "tcp", 9, 1, 72, 8),
                chksum=shown(15054, "0x3ace", 10, 2, 80, 16),
                src=shown("16.0.0.1", "16.0.0.1", 12, 4, 96, 32),
                dst=shown("48.0.0.1", "48.0.0.1", 16, 4, 128, 32),
                options=shown(expression("[]"), SAME, 20, 2, 160, 0),
            ),
            tree(
                "TCP",
                34,
                sport=shown(20, "20", 0, 2, 0, 16),
                dport=shown(80, "80", 2, 2, 16, 16),
                seq=shown(0, "0", 4, 4, 32, 32),
                ack=shown(0, "0", 8, 4, 64, 32),
                dataofs=shown(5, "5", 12, 0, 96, 4),
                reserved=shown(0, "0", 12, 0, 100, 3),
                flags=shown(2, "S", 12, 0, 103, 9),
                window=shown(8192, "8192", 14, 2, 112, 16),
                chksum=shown(20349, "0x4f7d", 16, 2, 128, 16),
                urgptr=shown(0, "0", 18, 2, 144, 16),
                options=shown(expression("[]"), SAME, 20, 2, 160, 0, ignored=True),
            ),
        ],
    ),
    Case(
        "VLAN",
        [
            layer("Ether"),
            layer("Dot1Q", prio=5, id="1", vlan="100"),
            layer("IP"),
            layer("UDP"),
        ],
        bytes.fromhex(
            "0000000100000000000200008100b06408004500001c0001000040113acf10000001300000010035"
            "00350008bf72"
        ),
        [
            tree("Ether", 0),
            tree(
                "Dot1Q",
                14,
                prio=shown(5, "5", 0, 0, 0, 3),
                dei=shown(1, "1", 0, 0, 3, 1),
                vlan=shown(100, "100", 0, 0, 4, 12),
            ),
            tree("IP", 18),
            tree(
                "UDP",
                38,
                len=shown(8, "8", 4, 2, 32, 16),
                chksum=shown(49010, "0xbf72", 6, 2, 48, 16),
            ),
        ],
    ),
    Case(
        "QinQ",
        [
            layer("Ether", dst="aa-bb-cc-dd-ee-ff"),
            layer("Dot1AD", vlan=7),
            layer("Dot1Q", vlan=4095),
            layer("ARP"),
        ],
        bytes.fromhex(
            "aabbccddeeff00000002000088a8000781000fff0806000108000604000100000000000010000001"
            "00000000000000000000"
        ),
        [
            tree("Ether", 0, dst=shown("aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff", 0, 6, 0, 48)),
            tree("Dot1AD", 14, vlan=shown(7, "7", 0, 0, 4, 12)),
            tree("Dot1Q", 18, vlan=shown(4095, "4095", 0, 0, 4, 12)),
            tree("ARP", 22, hwlen=shown(6, "6", 4, 1, 32, 8), plen=shown(4, "4", 5, 1, 40, 8)),
        ],
    ),
    Case(
        "ARP reply",
        [
            layer("Ether", dst="ff:ff:ff:ff:ff:ff"),
            layer(
                "ARP",
                op="is-at",
                hwsrc="00:11:22:33:44:55",
                psrc="10.0.0.1",
                hwdst="66:77:88:99:aa:bb",
                pdst="10.0.0.2",
            ),
        ],
        bytes.fromhex(
            "ffffffffffff000000020000080600010800060400020011223344550a00000166778899aabb0a000002"
        ),
        [
            tree("Ether", 0, dst=shown("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", 0, 6, 0, 48)),
            tree(
                "ARP",
                14,
                hwlen=shown(6, "6", 4, 1, 32, 8),
                plen=shown(4, "4", 5, 1, 40, 8),
                op=shown(2, "is-at", 6, 2, 48, 16),
                hwsrc=shown("00:11:22:33:44:55", "00:11:22:33:44:55", 8, 6, 64, 48),
                psrc=shown("10.0.0.1", "10.0.0.1", 14, 4, 112, 32),
                hwdst=shown("66:77:88:99:aa:bb", "66:77:88:99:aa:bb", 18, 6, 144, 48),
                pdst=shown("10.0.0.2", "10.0.0.2", 24, 4, 192, 32),
            ),
        ],
    ),
    Case(
        "IPv6 and UDP",
        [
            layer("Ether"),
            layer("IPv6", tc=184, fl="0x12345", src="2001:DB8::1", dst="2001:db8:0:0::2"),
            layer("UDP", sport=5000, dport="6000"),
            layer("Raw", load="hello"),
        ],
        bytes.fromhex(
            "00000001000000000002000086dd6b812345000d114020010db80000000000000000000000012001"
            "0db800000000000000000000000213881770000d359568656c6c6f"
        ),
        [
            tree("Ether", 0),
            tree(
                "IPv6",
                14,
                tc=shown(184, "184", 0, 0, 4, 8),
                fl=shown(74565, "74565", 1, 0, 12, 20),
                plen=shown(13, "13", 4, 2, 32, 16),
                src=shown("2001:db8::1", "2001:db8::1", 8, 16, 64, 128),
                dst=shown("2001:db8::2", "2001:db8::2", 24, 16, 192, 128),
            ),
            tree(
                "UDP",
                54,
                sport=shown(5000, "5000", 0, 2, 0, 16),
                dport=shown(6000, "6000", 2, 2, 16, 16),
            ),
            tree("Raw", 62, load=shown(given_bytes(b"hello"), "hello", 0, 5, 0, 40)),
        ],
    ),
    Case(
        "ICMP echo",
        [
            layer("Ether"),
            layer("IP", ttl=1),
            layer("ICMP", type="echo-request", id=7, seq=9),
            layer("Raw", load=given_bytes(b"\x00\x01\x02\x03\x04\x05\x06\x07")),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500002400010000010179d710000001300000010800ebdf0007"
            "00090001020304050607"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14, ttl=shown(1, "1", 8, 1, 64, 8)),
            tree(
                "ICMP",
                34,
                type=shown(8, "echo-request", 0, 1, 0, 8),
                chksum=shown(60383, "0xebdf", 2, 2, 16, 16),
                id=shown(7, "0x7", 4, 2, 32, 16),
                seq=shown(9, "0x9", 6, 2, 48, 16),
            ),
            tree(
                "Raw",
                42,
                load=shown(
                    given_bytes(b"\x00\x01\x02\x03\x04\x05\x06\x07"),
                    "\x00\x01\x02\x03\x04\x05\x06\x07",
                    0,
                    8,
                    0,
                    64,
                ),
            ),
        ],
    ),
    Case(
        "ICMPv6 neighbour solicitation",
        [
            layer("Ether", dst="33:33:ff:00:00:02"),
            layer("IPv6", hlim=255, src="fe80::1", dst="ff02::1:ff00:2"),
            layer("ICMPv6ND_NS", tgt="fe80::2"),
            layer("ICMPv6NDOptSrcLLAddr", lladdr="00:00:00:02:00:00"),
        ],
        bytes.fromhex(
            "3333ff00000200000002000086dd6000000000203afffe800000000000000000000000000001ff02"
            "00000000000000000001ff00000287007c9600000000fe8000000000000000000000000000020101"
            "000000020000"
        ),
        [
            tree("Ether", 0, dst=shown("33:33:ff:00:00:02", "33:33:ff:00:00:02", 0, 6, 0, 48)),
            tree(
                "IPv6",
                14,
                plen=shown(32, "32", 4, 2, 32, 16),
                hlim=shown(255, "255", 7, 1, 56, 8),
                src=shown("fe80::1", "fe80::1", 8, 16, 64, 128),
                dst=shown("ff02::1:ff00:2", "ff02::1:ff00:2", 24, 16, 192, 128),
            ),
            tree(
                "ICMPv6ND_NS",
                54,
                cksum=shown(31894, "0x7c96", 2, 2, 16, 16),
                tgt=shown("fe80::2", "fe80::2", 8, 16, 64, 128),
            ),
            tree(
                "ICMPv6NDOptSrcLLAddr",
                78,
                lladdr=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 2, 6, 16, 48),
            ),
        ],
    ),
    Case(
        "IP options of an odd length",
        [
            layer("Ether"),
            layer(
                "IP",
                options=expression(
                    "[IPOption_SSRR(routers=['1.2.3.4','5.6.7.8']), IPOption_NOP()]"
                ),
            ),
            layer(
                "TCP",
                options=expression(
                    "[('MSS', 1460), ('NOP', None), ('WScale', 7), ('SAckOK', b'')]"
                ),
                flags="SA",
            ),
        ],
        bytes.fromhex(
            "00000001000000000002000008004800004000010000400696991000000130000001890b04010203"
            "0405060708010014005000000000000000008012200033900000020405b40103030704020000"
        ),
        [
            tree("Ether", 0),
            tree(
                "IP",
                14,
                options=shown(
                    expression(
                        "[IPOption_SSRR(copy_flag=1,optclass=0,option=9,length=11,pointer=4,routers=['1.2.3.4', '5.6.7.8']), IPOption_NOP(copy_flag=0,optclass=0,option=1)]"
                    ),
                    SAME,
                    20,
                    12,
                    160,
                    96,
                ),
            ),
            tree(
                "TCP",
                46,
                flags=shown(18, "SA", 12, 0, 103, 9),
                options=shown(
                    expression(
                        "[('MSS', 1460), ('NOP', None), ('WScale', 7), ('SAckOK', b''), ('EOL', None)]"
                    ),
                    SAME,
                    20,
                    12,
                    160,
                    96,
                ),
            ),
        ],
    ),
    Case(
        "IP router alert",
        [
            layer("Ether"),
            layer("IP", options=expression("[IPOption_Router_Alert()]"), ttl=1, dst="224.0.0.22"),
            layer(
                "IGMPv3_MR",
                records=expression(
                    "[IGMPv3_MR_Group(rtype=4,maddr='239.1.2.3',srcaddrs=['10.1.1.1','10.1.1.2'])]"
                ),
            ),
        ],
        bytes.fromhex(
            "000000010000000000020000080046c0003000010000010233f010000001e0000016940400002200"
            "d2f20000000104000002ef0102030a0101010a010102"
        ),
        [
            tree("Ether", 0),
            tree(
                "IP",
                14,
                ttl=shown(1, "1", 8, 1, 64, 8),
                dst=shown("224.0.0.22", "224.0.0.22", 16, 4, 128, 32),
                options=shown(
                    expression(
                        "[IPOption_Router_Alert(copy_flag=1,optclass=0,option=20,length=4,alert=0)]"
                    ),
                    SAME,
                    20,
                    4,
                    160,
                    32,
                ),
            ),
            tree(
                "IGMPv3_MR",
                38,
                chksum=shown(54002, "0xd2f2", 2, 2, 16, 16),
                numgrp=shown(1, "1", 6, 2, 48, 16),
                records=shown(
                    expression(
                        "[IGMPv3_MR_Group(rtype=4,auxdlen=0,numsrc=2,maddr='239.1.2.3',srcaddrs=['10.1.1.1', '10.1.1.2'])]"
                    ),
                    SAME,
                    8,
                    16,
                    64,
                    128,
                ),
            ),
        ],
    ),
    Case(
        "two GRE",
        [
            layer("Ether"),
            layer("IP"),
            layer("GRE", key_present=1, key="0x11", seqnum_present="1", seqence_number=5),
            layer("IP"),
            layer("GRE", chksum_present=1),
            layer("IPv6"),
            layer("UDP"),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500006c00010000402f3a611000000130000001300008000000"
            "0011000000054500004c00010000402f3a811000000130000001800086dd87f20000600000000008"
            "11400000000000000000000000000000000200000000000000000000000000000001003500350008"
            "ff71"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "GRE",
                34,
                chksum_present=shown(0, "0", 0, 0, 0, 1),
                routing_present=shown(0, "0", 0, 0, 1, 1),
                key_present=shown(1, "1", 0, 0, 2, 1),
                seqnum_present=shown(1, "1", 0, 0, 3, 1),
                strict_route_source=shown(0, "0", 0, 0, 4, 1),
                recursion_control=shown(0, "0", 0, 0, 5, 3),
                flags=shown(0, "0", 1, 0, 8, 5),
                version=shown(0, "0", 1, 0, 13, 3),
                proto=shown(2048, "IPv4", 2, 2, 16, 16),
                chksum=shown(0, "0x0", 4, 2, 32, 0, ignored=True),
                offset=shown(0, "0x0", 4, 2, 32, 0, ignored=True),
                key=shown(17, "0x11", 4, 4, 32, 32),
                sequence_number=shown(5, "0x5", 8, 4, 64, 32),
            ),
            tree("IP", 46),
            tree(
                "GRE",
                66,
                chksum_present=shown(1, "1", 0, 0, 0, 1),
                routing_present=shown(0, "0", 0, 0, 1, 1),
                key_present=shown(0, "0", 0, 0, 2, 1),
                seqnum_present=shown(0, "0", 0, 0, 3, 1),
                strict_route_source=shown(0, "0", 0, 0, 4, 1),
                recursion_control=shown(0, "0", 0, 0, 5, 3),
                flags=shown(0, "0", 1, 0, 8, 5),
                version=shown(0, "0", 1, 0, 13, 3),
                proto=shown(34525, "IPv6", 2, 2, 16, 16),
                chksum=shown(34802, "0x87f2", 4, 2, 32, 16),
                offset=shown(0, "0x0", 6, 2, 48, 16),
                key=shown(0, "0x0", 8, 4, 64, 0, ignored=True),
                sequence_number=shown(0, "0x0", 8, 4, 64, 0, ignored=True),
            ),
            tree("IPv6", 74, plen=shown(8, "8", 4, 2, 32, 16)),
            tree("UDP", 114),
        ],
    ),
    Case(
        "VXLAN",
        [
            layer("Ether"),
            layer("IP"),
            layer("UDP", sport=12345),
            layer("VXLAN", vni=42),
            layer("Ether"),
            layer("Dot1Q", vlan=2),
            layer("IP"),
            layer("TCP", flags=""),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500005e0001000040113a8d1000000130000001303912b5004a"
            "01810800000000002a00000000010000000000020000810000020800450000280001000040063ace"
            "1000000130000001001400500000000000000000500220004f7d0000"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree("UDP", 34, sport=shown(12345, "12345", 0, 2, 0, 16)),
            tree(
                "VXLAN",
                42,
                flags=shown(8, "Instance", 0, 0, 0, 8),
                reserved0=shown(0, "0", 1, 2, 8, 0, ignored=True),
                NextProtocol=shown(0, "NotDefined", 1, 1, 8, 0, ignored=True),
                reserved1=shown(0, "0", 1, 3, 8, 24),
                gpflags=shown(0, "", 4, 0, 32, 0, ignored=True),
                gpid=shown(0, "0", 4, 2, 32, 0, ignored=True),
                vni=shown(42, "0x2a", 4, 3, 32, 24),
                reserved2=shown(0, "0x0", 7, 1, 56, 8),
            ),
            tree("Ether", 50),
            tree("Dot1Q", 64, vlan=shown(2, "2", 0, 0, 4, 12)),
            tree("IP", 68),
            tree("TCP", 88, flags=shown(2, "S", 12, 0, 103, 9)),
        ],
    ),
    Case(
        "MPLS",
        [
            layer("Ether"),
            layer("MPLS", label=16, s=0, ttl=64),
            layer("MPLS", label=1048575, cos=3, ttl=63),
            layer("IP"),
            layer("UDP"),
        ],
        bytes.fromhex(
            "000000010000000000020000884700010040fffff73f4500001c0001000040113acf100000013000"
            "0001003500350008bf72"
        ),
        [
            tree("Ether", 0),
            tree(
                "MPLS",
                14,
                label=shown(16, "16", 0, 0, 0, 20),
                s=shown(0, "0", 2, 0, 23, 1),
                ttl=shown(64, "64", 3, 1, 24, 8),
            ),
            tree(
                "MPLS",
                18,
                label=shown(1048575, "1048575", 0, 0, 0, 20),
                cos=shown(3, "3", 2, 0, 20, 3),
                ttl=shown(63, "63", 3, 1, 24, 8),
            ),
            tree("IP", 22),
            tree("UDP", 42),
        ],
    ),
    Case(
        "GTP-U",
        [
            layer("Ether"),
            layer("IP"),
            layer("UDP", sport=2152, dport=2152),
            layer("GTP_U_Header", teid="0x1234"),
            layer("IP", src="10.1.1.1"),
            layer("UDP", dport=9999),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000400001000040113aab100000013000000108680868002c"
            "a69130ff001c000012344500001c0001000040113fce0a010101300000010035270f00089d97"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "UDP",
                34,
                sport=shown(2152, "2152", 0, 2, 0, 16),
                dport=shown(2152, "2152", 2, 2, 16, 16),
            ),
            tree(
                "GTP_U_Header",
                42,
                gtp_type=shown(255, "g_pdu", 1, 1, 8, 8),
                length=shown(28, "28", 2, 2, 16, 16),
                teid=shown(4660, "4660", 4, 4, 32, 32),
            ),
            tree("IP", 50, src=shown("10.1.1.1", "10.1.1.1", 12, 4, 96, 32)),
            tree("UDP", 70, dport=shown(9999, "9999", 2, 2, 16, 16)),
        ],
    ),
    Case(
        "DNS query",
        [
            layer("Ether"),
            layer("IP"),
            layer("UDP"),
            layer("DNS", id=4660, qd=expression("DNSQR(qname='www.example.org', qtype='AAAA')")),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500003d0001000040113aae1000000130000001003500350029"
            "449a12340100000100000000000003777777076578616d706c65036f726700001c0001"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree("UDP", 34),
            tree(
                "DNS",
                42,
                id=shown(4660, "4660", 0, 2, 0, 16),
                qdcount=shown(1, "1", 4, 2, 32, 16),
                ancount=shown(0, "0", 6, 2, 48, 16),
                nscount=shown(0, "0", 8, 2, 64, 16),
                arcount=shown(0, "0", 10, 2, 80, 16),
                qd=shown(
                    expression(
                        "[DNSQR(qname=b'www.example.org.',qtype=28,unicastresponse=0,qclass=1)]"
                    ),
                    SAME,
                    12,
                    21,
                    96,
                    168,
                ),
            ),
        ],
    ),
    Case(
        "DNS answer",
        [
            layer("Ether"),
            layer("IP"),
            layer("UDP", dport=40000),
            layer(
                "DNS",
                id=1,
                qr=1,
                rd="1",
                ra=1,
                qd=expression("DNSQR(qname='a.example')"),
                an=expression(
                    "[DNSRR(rrname='a.example', rdata='10.0.0.9', ttl=60), DNSRR(rrname='a.example', type='TXT', rdata='hi')]"
                ),
            ),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000680001000040113a83100000013000000100359c400054"
            "653e0001818000010002000000000161076578616d706c6500000100010161076578616d706c6500"
            "000100010000003c00040a0000090161076578616d706c650000100001000000000003026869"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree("UDP", 34, dport=shown(40000, "40000", 2, 2, 16, 16)),
            tree(
                "DNS",
                42,
                id=shown(1, "1", 0, 2, 0, 16),
                qr=shown(1, "1", 2, 0, 16, 1),
                rd=shown(1, "1", 2, 0, 23, 1),
                ra=shown(1, "1", 3, 0, 24, 1),
                qdcount=shown(1, "1", 4, 2, 32, 16),
                ancount=shown(2, "2", 6, 2, 48, 16),
                nscount=shown(0, "0", 8, 2, 64, 16),
                arcount=shown(0, "0", 10, 2, 80, 16),
                qd=shown(
                    expression("[DNSQR(qname=b'a.example.',qtype=1,unicastresponse=0,qclass=1)]"),
                    SAME,
                    12,
                    15,
                    96,
                    120,
                ),
                an=shown(
                    expression(
                        "[DNSRR(rrname=b'a.example.',type=1,cacheflush=0,rclass=1,ttl=60,rdata='10.0.0.9'), DNSRR(rrname=b'a.example.',type=16,cacheflush=0,rclass=1,ttl=0,rdata=[b'hi'])]"
                    ),
                    SAME,
                    27,
                    49,
                    216,
                    392,
                ),
            ),
        ],
    ),
    Case(
        "DHCP discover",
        [
            layer("Ether", dst="ff:ff:ff:ff:ff:ff"),
            layer("IP", src="0.0.0.0", dst="255.255.255.255"),
            layer("UDP", sport=68, dport=67),
            layer("BOOTP", chaddr=given_bytes(b"\x00\x00\x00\x02\x00\x00"), xid=1),
            layer(
                "DHCP",
                options=expression("[('message-type', 'discover'), ('hostname', 'pc'), 'end']"),
            ),
        ],
        bytes.fromhex(
            "ffffffffffff00000002000008004500011400010000401179d900000000ffffffff004400430100"
            "a3010101060000000001000000000000000000000000000000000000000000000002000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000000000000000006382"
            "53633501010c027063ff"
        ),
        [
            tree("Ether", 0, dst=shown("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", 0, 6, 0, 48)),
            tree(
                "IP",
                14,
                src=shown("0.0.0.0", "0.0.0.0", 12, 4, 96, 32),
                dst=shown("255.255.255.255", "255.255.255.255", 16, 4, 128, 32),
            ),
            tree(
                "UDP", 34, sport=shown(68, "68", 0, 2, 0, 16), dport=shown(67, "67", 2, 2, 16, 16)
            ),
            tree(
                "BOOTP",
                42,
                xid=shown(1, "0x1", 4, 4, 32, 32),
                chaddr=shown(
                    given_bytes(
                        b"\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                    ),
                    "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
                    28,
                    16,
                    224,
                    128,
                ),
            ),
            tree(
                "DHCP",
                282,
                options=shown(
                    expression("[('message-type', 1), ('hostname', b'pc'), 'end']"),
                    SAME,
                    0,
                    8,
                    0,
                    64,
                ),
            ),
        ],
    ),
    Case(
        "SCTP",
        [
            layer("Ether"),
            layer("IP"),
            layer("SCTP", sport=5000, dport=36412, tag=1),
            layer("SCTPChunkInit", init_tag=2),
            layer("SCTPChunkCookieAck"),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000380001000040843a40100000013000000113888e3c0000"
            "0001078bfe5a01000014000000020000000000000000000000000b000004"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "SCTP",
                34,
                sport=shown(5000, "5000", 0, 2, 0, 16),
                dport=shown(36412, "36412", 2, 2, 16, 16),
                tag=shown(1, "0x1", 4, 4, 32, 32),
                chksum=shown(126615130, "0x78bfe5a", 8, 4, 64, 32),
            ),
            tree(
                "SCTPChunkInit",
                46,
                flags=shown(0, "0x0", 1, 1, 8, 8),
                len=shown(20, "20", 2, 2, 16, 16),
                init_tag=shown(2, "0x2", 4, 4, 32, 32),
                a_rwnd=shown(0, "0", 8, 4, 64, 32),
                n_out_streams=shown(0, "0", 12, 2, 96, 16),
                n_in_streams=shown(0, "0", 14, 2, 112, 16),
                init_tsn=shown(0, "0x0", 16, 4, 128, 32),
            ),
            tree("SCTPChunkCookieAck", 66, flags=shown(0, "0x0", 1, 1, 8, 8)),
        ],
    ),
    Case(
        "SCTP data",
        [
            layer("Ether"),
            layer("IPv6"),
            layer("SCTP", sport=1, dport=2),
            layer("SCTPChunkData", beginning=1, ending=1, tsn=9, data=given_bytes(b"abc")),
        ],
        bytes.fromhex(
            "00000001000000000002000086dd6000000000208440000000000000000000000000000000020000"
            "0000000000000000000000000001000100020000000057d1ad150003001300000009000000000000"
            "000061626300"
        ),
        [
            tree("Ether", 0),
            tree("IPv6", 14, plen=shown(32, "32", 4, 2, 32, 16)),
            tree(
                "SCTP",
                54,
                sport=shown(1, "1", 0, 2, 0, 16),
                dport=shown(2, "2", 2, 2, 16, 16),
                chksum=shown(1473359125, "0x57d1ad15", 8, 4, 64, 32),
            ),
            tree(
                "SCTPChunkData",
                66,
                reserved=shown(0, "0", 1, 0, 8, 4),
                beginning=shown(1, "1", 1, 0, 14, 1),
                ending=shown(1, "1", 1, 0, 15, 1),
                len=shown(19, "19", 2, 2, 16, 16),
                tsn=shown(9, "0x9", 4, 4, 32, 32),
                stream_id=shown(0, "0x0", 8, 2, 64, 16),
                stream_seq=shown(0, "0x0", 10, 2, 80, 16),
                proto_id=shown(0, "Reserved", 12, 4, 96, 32),
                data=shown(expression("Raw(load=b'abc')"), SAME, 16, 4, 128, 32),
            ),
        ],
    ),
    Case(
        "IGMPv2",
        [
            layer("Ether", dst="01:00:5e:01:02:03"),
            layer("IP", ttl=1, dst="239.1.2.3"),
            layer("IGMP", type="0x16", mrtime=0, gaddr="239.1.2.3"),
        ],
        bytes.fromhex(
            "01005e01020300000002000008004600002000010000010223d210000001ef010203940400001600"
            "f8faef010203"
        ),
        [
            tree("Ether", 0, dst=shown("01:00:5e:01:02:03", "01:00:5e:01:02:03", 0, 6, 0, 48)),
            tree(
                "IP",
                14,
                ttl=shown(1, "1", 8, 1, 64, 8),
                dst=shown("239.1.2.3", "239.1.2.3", 16, 4, 128, 32),
            ),
            tree(
                "IGMP",
                38,
                type=shown(22, "Version 2 - Membership Report", 0, 1, 0, 8),
                mrcode=shown(0, "0", 1, 1, 8, 8),
                chksum=shown(63738, "0xf8fa", 2, 2, 16, 16),
                gaddr=shown("239.1.2.3", "239.1.2.3", 4, 4, 32, 32),
            ),
        ],
    ),
    Case(
        "IGMPv3 query",
        [
            layer("Ether"),
            layer("IP", ttl=1, dst="224.0.0.1"),
            layer("IGMPv3_MQ", srcaddrs=["10.0.0.1"], qrv=2),
        ],
        bytes.fromhex(
            "000000010000000000020000080046c00028000100000102340d10000001e0000001940400001114"
            "e2e900000000020000010a000001"
        ),
        [
            tree("Ether", 0),
            tree(
                "IP",
                14,
                ttl=shown(1, "1", 8, 1, 64, 8),
                dst=shown("224.0.0.1", "224.0.0.1", 16, 4, 128, 32),
            ),
            tree(
                "IGMPv3_MQ",
                38,
                chksum=shown(58089, "0xe2e9", 2, 2, 16, 16),
                qrv=shown(2, "2", 8, 0, 69, 3),
                numsrc=shown(1, "1", 10, 2, 80, 16),
                srcaddrs=shown(expression("['10.0.0.1']"), SAME, 12, 4, 96, 32),
            ),
        ],
    ),
    Case(
        "PPPoE",
        [
            layer("Ether"),
            layer("PPPoE", sessionid="0x11"),
            layer("PPP"),
            layer("IP"),
            layer("UDP"),
        ],
        bytes.fromhex(
            "000000010000000000020000886411000011001e00214500001c0001000040113acf100000013000"
            "0001003500350008bf72"
        ),
        [
            tree("Ether", 0),
            tree(
                "PPPoE",
                14,
                sessionid=shown(17, "0x11", 2, 2, 16, 16),
                len=shown(30, "30", 4, 2, 32, 16),
            ),
            tree("PPP", 20),
            tree("IP", 22),
            tree("UDP", 42),
        ],
    ),
    Case(
        "PPPoE discovery",
        [
            layer("Ether"),
            layer("PPPoED", code=9),
            layer(
                "PPPoED_Tags",
                tag_list=expression(
                    "[PPPoETag(tag_type=0x0101), PPPoETag(tag_type=0x0103, tag_value=b'\\x01\\x02')]"
                ),
            ),
        ],
        bytes.fromhex("000000010000000000020000886311090000000a01010000010300020102"),
        [
            tree("Ether", 0),
            tree(
                "PPPoED",
                14,
                code=shown(9, "PPPoE Active Discovery Initiation (PADI)", 1, 1, 8, 8),
                len=shown(10, "10", 4, 2, 32, 16),
            ),
            tree(
                "PPPoED_Tags",
                20,
                tag_list=shown(
                    expression(
                        "[PPPoETag(tag_type=257,tag_len=0,tag_value=b''), PPPoETag(tag_type=259,tag_len=2,tag_value=b'\\x01\\x02')]"
                    ),
                    SAME,
                    0,
                    10,
                    0,
                    80,
                ),
            ),
        ],
    ),
    Case(
        "spanning tree",
        [
            layer("Dot3", dst="01:80:c2:00:00:00"),
            layer("LLC"),
            layer("STP", rootid=32768, rootmac="00:00:00:02:00:00", portid=32769),
        ],
        bytes.fromhex(
            "0180c200000000000002000000264242030000000000800000000002000000000000000000000000"
            "000080010100140002000f00"
        ),
        [
            tree(
                "Dot3",
                0,
                dst=shown("01:80:c2:00:00:00", "01:80:c2:00:00:00", 0, 6, 0, 48),
                len=shown(38, "38", 12, 2, 96, 16),
            ),
            tree("LLC", 14),
            tree(
                "STP",
                17,
                rootid=shown(32768, "32768", 5, 2, 40, 16),
                rootmac=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 7, 6, 56, 48),
                portid=shown(32769, "32769", 25, 2, 200, 16),
            ),
        ],
    ),
    Case(
        "IS-IS hello",
        [
            layer("Dot3", dst="01:80:c2:00:00:14"),
            layer("LLC"),
            layer("ISIS_CommonHdr"),
            layer("ISIS_L1_LAN_Hello", priority=64),
        ],
        bytes.fromhex(
            "0180c2000014000000020000001efefe03831b01000f01000002010203040506001e001b40000000"
            "00000000"
        ),
        [
            tree(
                "Dot3",
                0,
                dst=shown("01:80:c2:00:00:14", "01:80:c2:00:00:14", 0, 6, 0, 48),
                len=shown(30, "30", 12, 2, 96, 16),
            ),
            tree("LLC", 14),
            tree(
                "ISIS_CommonHdr",
                17,
                hdrlen=shown(27, "27", 1, 1, 8, 8),
                pdutype=shown(15, "L1 LAN Hello", 4, 1, 32, 8),
            ),
            tree(
                "ISIS_L1_LAN_Hello",
                25,
                pdulength=shown(27, "27", 9, 2, 72, 16),
                priority=shown(64, "64", 11, 1, 88, 8),
            ),
        ],
    ),
    Case(
        "SNAP",
        [
            layer("Dot3"),
            layer("LLC"),
            layer("SNAP", OUI=0, code="IPv4"),
            layer("IP"),
            layer("ICMP"),
        ],
        bytes.fromhex(
            "0000000100000000000200000024aaaa0300000008004500001c0001000040013adf100000013000"
            "00010800f7ff00000000"
        ),
        [
            tree("Dot3", 0, len=shown(36, "36", 12, 2, 96, 16)),
            tree("LLC", 14),
            tree(
                "SNAP", 17, OUI=shown(0, "0", 0, 3, 0, 24), code=shown(2048, "IPv4", 3, 2, 24, 16)
            ),
            tree("IP", 22),
            tree("ICMP", 42, chksum=shown(63487, "0xf7ff", 2, 2, 16, 16)),
        ],
    ),
    Case(
        "padding",
        [
            layer("Ether"),
            layer("IP", len=29),
            layer("UDP", sport=50000, dport=50001, len=9),
            layer("Raw", load="x"),
            layer("Padding", load=given_bytes(b"\x00\x00\x00\x00\x00")),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500001d0001000040113ace1000000130000001c350c3510009"
            "c137780000000000"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14, len=shown(29, "29", 2, 2, 16, 16)),
            tree(
                "UDP",
                34,
                sport=shown(50000, "50000", 0, 2, 0, 16),
                dport=shown(50001, "50001", 2, 2, 16, 16),
                len=shown(9, "9", 4, 2, 32, 16),
            ),
            tree("Raw", 42, load=shown(given_bytes(b"x"), "x", 0, 1, 0, 8)),
            tree(
                "Padding",
                43,
                load=shown(
                    given_bytes(b"\x00\x00\x00\x00\x00"), "\x00\x00\x00\x00\x00", 0, 5, 0, 40
                ),
            ),
        ],
    ),
    Case(
        "NTP",
        [
            layer("Ether"),
            layer("IP"),
            layer("UDP", sport=123, dport=123),
            layer("NTP", sent=expression("3900000000.5")),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500004c0001000040113a9f1000000130000001007b007b0038"
            "630c23020a0000000000000000007f00000100000000000000000000000000000000000000000000"
            "0000e875470080000000"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "UDP",
                34,
                sport=shown(123, "123", 0, 2, 0, 16),
                dport=shown(123, "123", 2, 2, 16, 16),
            ),
            tree("NTP", 42, sent=shown("3900000000.5", "3900000000.5", 40, 0, 320, 64)),
        ],
    ),
    Case(
        "IPv6 extension headers",
        [
            layer("Ether"),
            layer("IPv6"),
            layer("IPv6ExtHdrHopByHop", options=expression("[RouterAlert(), PadN(optdata=b'')]")),
            layer("IPv6ExtHdrRouting", addresses=["2001:db8::9"], segleft=1),
            layer("IPv6ExtHdrFragment", m=1, id=3),
            layer("Raw", load="fragment"),
        ],
        bytes.fromhex(
            "00000001000000000002000086dd6000000000300040000000000000000000000000000000020000"
            "00000000000000000000000000012b000502000001002c0200010000000020010db8000000000000"
            "0000000000093b00000100000003667261676d656e74"
        ),
        [
            tree("Ether", 0),
            tree("IPv6", 14, plen=shown(48, "48", 4, 2, 32, 16)),
            tree(
                "IPv6ExtHdrHopByHop",
                54,
                len=shown(0, "0", 1, 1, 8, 8),
                options=shown(
                    expression(
                        "[RouterAlert(otype=5,optlen=2,value=0), PadN(otype=1,optlen=0,optdata=b'')]"
                    ),
                    SAME,
                    2,
                    6,
                    16,
                    48,
                ),
            ),
            tree(
                "IPv6ExtHdrRouting",
                62,
                len=shown(2, "2", 1, 1, 8, 8),
                segleft=shown(1, "1", 3, 1, 24, 8),
                addresses=shown(expression("['2001:db8::9']"), SAME, 8, 16, 64, 128),
            ),
            tree(
                "IPv6ExtHdrFragment",
                86,
                m=shown(1, "1", 3, 0, 31, 1),
                id=shown(3, "3", 4, 4, 32, 32),
            ),
            tree("Raw", 94, load=shown(given_bytes(b"fragment"), "fragment", 0, 8, 0, 64)),
        ],
    ),
    Case(
        "IPv6 destination options",
        [
            layer("Ether"),
            layer("IPv6"),
            layer(
                "IPv6ExtHdrDestOpt",
                options=expression("[HBHOptUnknown(otype=0x1e, optdata=b'abcdef')]"),
            ),
            layer("TCP"),
        ],
        bytes.fromhex(
            "00000001000000000002000086dd6000000000243c40000000000000000000000000000000020000"
            "000000000000000000000000000106011e0661626364656601040000000000140050000000000000"
            "0000500220008f7c0000"
        ),
        [
            tree("Ether", 0),
            tree("IPv6", 14, plen=shown(36, "36", 4, 2, 32, 16)),
            tree(
                "IPv6ExtHdrDestOpt",
                54,
                len=shown(1, "1", 1, 1, 8, 8),
                options=shown(
                    expression(
                        "[HBHOptUnknown(otype=30,optlen=6,optdata=b'abcdef'), PadN(otype=1,optlen=4,optdata=b'\\x00\\x00\\x00\\x00')]"
                    ),
                    SAME,
                    2,
                    14,
                    16,
                    112,
                ),
            ),
            tree("TCP", 70),
        ],
    ),
    Case(
        "IPv4 in IPv6 in IPv4",
        [
            layer("Ether"),
            layer("IP"),
            layer("IPv6"),
            layer("IP", flags="MF+DF", frag=1, id="0x10"),
            layer("Raw", load=given_bytes(b"\xff\xfe")),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000520001000040293a811000000130000001600000000016"
            "04400000000000000000000000000000000200000000000000000000000000000001450000160010"
            "60014000dad51000000130000001fffe"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree("IPv6", 34, plen=shown(22, "22", 4, 2, 32, 16)),
            tree(
                "IP",
                74,
                id=shown(16, "16", 4, 2, 32, 16),
                flags=shown(3, "MF+DF", 6, 0, 48, 3),
                frag=shown(1, "1", 6, 0, 51, 13),
            ),
            tree("Raw", 94, load=shown(given_bytes(b"\xff\xfe"), "<binary>", 0, 2, 0, 16)),
        ],
    ),
    Case(
        "Wi-Fi beacon",
        [
            layer("RadioTap"),
            layer(
                "Dot11",
                type=0,
                subtype=8,
                addr1="ff:ff:ff:ff:ff:ff",
                addr2="00:00:00:02:00:00",
                addr3="00:00:00:02:00:00",
            ),
            layer("Dot11Beacon", cap="ESS+privacy"),
            layer("Dot11Elt", ID="SSID", info="net"),
        ],
        bytes.fromhex(
            "000008000000000080000000ffffffffffff00000002000000000002000000000000000000000000"
            "6400110000036e6574"
        ),
        [
            tree(
                "RadioTap", 0, len=shown(8, "8", 2, 2, 16, 16), present=shown(0, "", 4, 0, 32, 32)
            ),
            tree(
                "Dot11",
                8,
                subtype=shown(8, "Beacon", 0, 0, 0, 4),
                type=shown(0, "Management", 0, 0, 4, 2),
                addr1=shown("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", 4, 6, 32, 48),
                addr2=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 10, 6, 80, 48),
                addr3=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 16, 6, 128, 48),
            ),
            tree("Dot11Beacon", 32, cap=shown(4352, "ESS+privacy", 10, 0, 80, 16)),
            tree(
                "Dot11Elt",
                44,
                ID=shown(0, "SSID", 0, 1, 0, 8),
                len=shown(3, "3", 1, 1, 8, 8),
                info=shown(given_bytes(b"net"), "net", 2, 3, 16, 24),
            ),
        ],
        link_type=127,
    ),
    Case(
        "LLDP",
        [
            layer("Ether", dst="01:80:c2:00:00:0e"),
            layer("LLDPDU"),
            layer("LLDPDUChassisID", subtype=4, id="00:00:00:02:00:00"),
            layer("LLDPDUPortID", subtype=5, id="eth0"),
            layer("LLDPDUTimeToLive", ttl=120),
            layer("LLDPDUEndOfLLDPDU"),
        ],
        bytes.fromhex(
            "0180c200000e00000002000088cc0207040000000200000405056574683006020078000000000000"
            "0000000000000000000000000000000000000000"
        ),
        [
            tree("Ether", 0, dst=shown("01:80:c2:00:00:0e", "01:80:c2:00:00:0e", 0, 6, 0, 48)),
            tree("LLDPDU", 14),
            tree(
                "LLDPDUChassisID",
                14,
                _length=shown(7, "7", 0, 0, 7, 9),
                subtype=shown(4, "MAC address", 2, 1, 16, 8),
                id=shown("00:00:00:02:00:00", "00:00:00:02:00:00", 3, 6, 24, 48),
            ),
            tree(
                "LLDPDUPortID",
                23,
                _length=shown(5, "5", 0, 0, 7, 9),
                subtype=shown(5, "interface name", 2, 1, 16, 8),
                id=shown(given_bytes(b"eth0"), "eth0", 3, 4, 24, 32),
            ),
            tree("LLDPDUTimeToLive", 30, ttl=shown(120, "120", 2, 2, 16, 16)),
            tree("LLDPDUEndOfLLDPDU", 34),
        ],
        beyond=["Raw"],
    ),
    Case(
        "BGP",
        [
            layer("Ether"),
            layer("IP"),
            layer("TCP", sport=50000, dport=179, flags="PA"),
            layer("BGPHeader", type="KEEPALIVE"),
        ],
        bytes.fromhex(
            "00000001000000000002000008004500003b0001000040063abb1000000130000001c35000b30000"
            "0000000000005018200087a10000ffffffffffffffffffffffffffffffff001304"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "TCP",
                34,
                sport=shown(50000, "50000", 0, 2, 0, 16),
                dport=shown(179, "179", 2, 2, 16, 16),
                flags=shown(24, "PA", 12, 0, 103, 9),
            ),
            tree(
                "BGPHeader",
                54,
                len=shown(19, "19", 16, 2, 128, 16),
                type=shown(4, "KEEPALIVE", 18, 1, 144, 8),
            ),
        ],
    ),
    Case(
        "TCP urgent with time stamps",
        [
            layer("Ether"),
            layer("IP"),
            layer(
                "TCP",
                sport=50000,
                dport=50001,
                seq=4294967295,
                ack=1,
                flags="18",
                window=0,
                urgptr=0,
                options=[["NOP", None], ["NOP", None], ["Timestamp", [1, 2]]],
            ),
            layer("Raw", load="data"),
        ],
        bytes.fromhex(
            "0000000100000000000200000800450000380001000040063abe1000000130000001c350c351ffff"
            "ffff0000000180120000d74c00000101080a000000010000000264617461"
        ),
        [
            tree("Ether", 0),
            tree("IP", 14),
            tree(
                "TCP",
                34,
                sport=shown(50000, "50000", 0, 2, 0, 16),
                dport=shown(50001, "50001", 2, 2, 16, 16),
                seq=shown(4294967295, "4294967295", 4, 4, 32, 32),
                ack=shown(1, "1", 8, 4, 64, 32),
                flags=shown(18, "SA", 12, 0, 103, 9),
                window=shown(0, "0", 14, 2, 112, 16),
                urgptr=shown(0, "0", 18, 2, 144, 16),
                options=shown(
                    expression("[('NOP', None), ('NOP', None), ('Timestamp', (1, 2))]"),
                    SAME,
                    20,
                    12,
                    160,
                    96,
                ),
            ),
            tree("Raw", 66, load=shown(given_bytes(b"data"), "data", 0, 4, 0, 32)),
        ],
    ),
]
