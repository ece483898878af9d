"""Code in place of Scapy's where that guesses wrong.

Each function gets the classes by their names and gives a method of one of them; which, and
why, is in `choices.GUESSES`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from scapy.packet import Packet, Raw

from scapy_server.packet.layers.scapy_state import keep_bytes, kept_bytes
from scapy_server.packet.loading.defaults import short_name

#: Classes by the names that `DEFAULTS` uses, such as inet.UDP.
Classes = Mapping[str, type[Packet]]
_SMB2_HEADER_BYTES = 64


def erspan(classes: Classes) -> Callable[..., Any]:
    """ERSPAN behind a GRE header without a sequence number is of type I: no header at all."""
    first = classes["erspan.ERSPAN_I"]

    def dispatch_hook(cls: type[Packet], _pkt: bytes = b"", *_: Any, **given: Any) -> Any:
        below = given.get("_underlayer")
        if _pkt and cls.__name__ == "ERSPAN":
            if below is not None and not getattr(below, "seqnum_present", 1):
                return first
            third = _pkt[0] >> 4 == 2
            return classes["erspan.ERSPAN_III" if third else "erspan.ERSPAN_II"]
        return classes["erspan.ERSPAN_II"] if cls.__name__ == "ERSPAN" else cls

    return dispatch_hook


def after_mpls(classes: Classes) -> Callable[..., Any]:
    """Behind the last label: IP by its version, else Ethernet, with or without a control word.

    Four zero bits begin a control word, and so does many an Ethernet address: where an
    EtherType stands as without the word, and none as with it, there is none.
    """
    ether, word, mpls = (classes[name] for name in ("l2.Ether", "mpls.EoMCW", "mpls.MPLS"))
    known = {conditions["type"] for conditions, _ in ether.payload_guess if "type" in conditions}
    by_version = {
        4: classes["inet.IP"],
        5: classes["bier.BIER"],
        6: classes["inet6.IPv6"],
    }

    def guess_payload_class(self: Any, payload: bytes) -> type[Packet]:
        if not payload:
            return classes["packet.Padding"]
        if not self.s:
            return mpls
        version = payload[0] >> 4
        if version in by_version:
            return by_version[version]
        if payload[:2] != b"\0\0":
            return ether
        plain, behind = payload[12:14], payload[16:18]
        is_plain = int.from_bytes(plain, "big") in known
        return ether if is_plain and int.from_bytes(behind, "big") not in known else word

    return guess_payload_class


def after_ah(classes: Classes) -> Callable[..., Any]:
    """Behind the AH of an IPv6 packet its numbers are those of IPv6 (RFC 4302, section 2.1)."""
    ipv4, ipv6 = classes["inet.IP"], classes["inet6.IPv6"]

    def guess_payload_class(self: Any, payload: bytes) -> Any:
        below = self.underlayer
        while below is not None and not isinstance(below, ipv4 | ipv6):
            below = below.underlayer
        if isinstance(below, ipv6) and payload:
            return ipv6(nh=self.nh).guess_payload_class(payload)
        return Packet.guess_payload_class(self, payload)

    return guess_payload_class


def authentication_header(classes: Classes) -> Callable[..., Any]:
    """Its length is counted in words of four bytes, less two; its number says what follows.

    Source: RFC 4302, sections 2.1 and 2.2.
    """
    header = classes["ipsec.AH"]
    below = (classes["inet.IP"], "proto"), (classes["inet6.IPv6"], "nh")

    def number_of(upper: type[Packet]) -> int:
        """The number of a class above IP, as it fills it in or is found by it."""
        filled = upper._overload_fields
        said = [filled[cls][name] for cls, name in below if name in filled.get(cls, ())]
        found = [given["nh"] for given, cls in header.payload_guess if cls is upper]
        return int(next(iter(said + found), 0))

    def post_build(self: Any, pkt: bytes, pay: bytes) -> bytes:
        if self.fields.get("nh") is None:  # Scapy fills in 0 below IP
            pkt = bytes([number_of(type(self.payload))]) + pkt[1:]
        if self.payloadlen is None:
            pkt = pkt[:1] + bytes([max(0, len(pkt) // 4 - 2) & 0xFF]) + pkt[2:]
        return pkt + pay

    return post_build


def loopback(classes: Classes) -> Callable[..., Any]:
    """The family stands in the byte order of the host, and is read as the one of most hosts.

    Its first byte is 0 where the order is the other one: then the packet says by its version what
    it is.
    """
    by_version = {4: classes["inet.IP"], 6: classes["inet6.IPv6"]}

    def guess_payload_class(self: Any, payload: bytes) -> Any:
        if not self.type & 0xFF and payload:
            return by_version.get(payload[0] >> 4, Raw)
        return Packet.guess_payload_class(self, payload)

    return guess_payload_class


def family(classes: Classes) -> Callable[..., Any]:
    """All four bytes of the family, of which Scapy keeps the first one."""

    def turned(self: Any, pkt: Packet, x: int) -> int:
        return int.from_bytes(int(x).to_bytes(4, "big"), "little")

    return turned


def module_scan(classes: Classes) -> Callable[..., Any]:
    """A command of fixed length and one byte of padding; what follows is a payload."""

    def do_dissect(self: Any, data: bytes) -> bytes:
        command, padding = self.fields_desc
        length = len(command.default)
        self.fields[command.name] = data[:length]
        left = data[length:]
        if left:
            left, self.fields[padding.name] = padding.getfield(self, left)
        self.raw_packet_cache = data.removesuffix(left)
        return left

    return do_dissect


def icmp_extension(classes: Classes) -> Callable[..., Any]:
    """RFC 4884, sections 5.5 and 7: an extension has version 2, and its checksum is right or 0.

    The length of the quote stands in the header; where it is 0 the quote has 128 bytes.
    """
    extension = classes["inet.ICMPExtension_Header"]
    unit = {"inet.ICMP": 4}

    def getfield(self: Any, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        words = pkt.fields.get("length") or 0
        quote = words * unit.get(short_name(type(pkt)), 8) or 128
        data = s[quote:]
        given = int.from_bytes(data[2:4], "big")
        if quote < 128 or len(data) < 4 or data[0] >> 4 != 2 or (given and _sum(data) != 0xFFFF):
            return s, None
        return s[:quote], extension(data)

    return getfield


def behind_group_length(classes: Classes) -> Callable[..., Any]:
    """The length of the group comes first and is computed, as PS3.7, section 6.3.1 has it."""

    def pre_dissect(self: Any, s: bytes) -> bytes:
        size = self.GROUP_LENGTH_ELEMENT_SIZE
        is_there = s[:8] == b"\0\0\0\0\4\0\0\0" and len(s) >= size
        return s[size:] if is_there and self.fields_desc else s

    return pre_dissect


def path_attribute(classes: Classes) -> Callable[..., Any]:
    """Flags, type, length, value; the length has two bytes where the flags say so (RFC 4271)."""
    module: Any = sys.modules[classes["bgp.BGPPathAttr"].__module__]

    def post_build(self: Any, pkt: bytes, pay: bytes) -> bytes:
        flags = self.type_flags
        if flags is None:
            flags = module.attributes_flags.get(self.type_code, 0x80)
        size = 2 if module.has_extended_length(flags) else 1
        value = b"" if self.attribute is None else pkt[2 + size :]
        length = (
            pkt[2 : 2 + size] if self.attr_len is not None else len(value).to_bytes(size, "big")
        )
        return bytes([int(flags)]) + pkt[1:2] + length + value + pay

    return post_build


def numbers_of_systems(classes: Classes) -> Callable[..., Any]:
    """Those of autonomous systems have four bytes where two do not fill the value, RFC 6793.

    Speakers agree on that when they open their session, of which a packet knows nothing.
    """
    attribute: Any = classes["bgp.BGPPathAttr"]
    narrow = _field_class(attribute, "attribute").m2i
    path, aggregator = classes["bgp.BGPPAAS4BytesPath"], classes["bgp.BGPPAAS4Aggregator"]

    def m2i(self: Any, pkt: Packet, m: bytes) -> Any:
        if pkt.type_code == 2 and _is_path(m, 4) and not _is_path(m, 2):
            return path(m)
        if pkt.type_code == 7 and len(m) == 8:
            return aggregator(m)
        return narrow(self, pkt, m)

    return m2i


def segments_of_path(classes: Classes) -> Callable[..., Any]:
    """A segment is as long as its numbers are, of which its class says how wide they are."""

    def getfield(self: Any, pkt: Packet, s: bytes) -> tuple[bytes, list[Packet]]:
        size = self.cls.fields_desc[-1].field.sz
        segments = []
        while s:
            end = 2 + size * s[1]
            segments.append(self.m2i(pkt, s[:end]))
            s = s[end:]
        return s, segments

    return getfield


def _is_path(data: bytes, size: int) -> bool:
    """Whether segments of such numbers fill the value: a type of 1 to 4, a count, the numbers."""
    at = 0
    while at + 2 <= len(data) and 1 <= data[at] <= 4:
        at += 2 + size * data[at + 1]
    return at == len(data)


def _field_class(cls: Any, name: str) -> Any:
    return type({field.name: field for field in cls.fields_desc}[name])


def ospf_length(classes: Classes) -> Callable[..., Any]:
    """The block for local signaling is not counted (RFC 5613, section 2) where it is computed."""
    signaling = classes["ospf.OSPF_LLS_Hdr"]

    def i2m(self: Any, pkt: Packet, x: int | None) -> int:
        if x is not None:
            return x
        block = pkt.getlayer(signaling)
        return int(self.adjust(len(pkt.payload))) - (len(block) if block is not None else 0)

    return i2m


def smb2_padding(classes: Classes) -> Callable[..., Any]:
    """What stands before the place where a header says that the next one begins, MS-SMB2, 2.2.1."""
    command: Any = classes["smb2._SMB2_Payload"]
    header = classes["smb2.SMB2_Header"]

    def post_dissect(self: Any, s: bytes) -> bytes:
        rest: bytes = super(command, self).post_dissect(s)
        below, own = self.underlayer, kept_bytes(self)
        if isinstance(below, header) and below.NextCommand and own is not None:
            left = below.NextCommand - len(kept_bytes(below) or b"") - len(own)
            if 0 < left <= len(rest):
                keep_bytes(self, own + rest[:left])
                return rest[left:]
        return rest

    return post_dissect


def smb2_filling(classes: Classes) -> Callable[..., Any]:
    """What fills a command up to where its header says that the next one begins.

    That is a multiple of eight bytes, MS-SMB2, section 3.2.4.1.4.
    """
    header = classes["smb2.SMB2_Header"]

    def around(finish: Callable[..., bytes]) -> Callable[..., bytes]:
        @wraps(finish)
        def post_build(self: Any, pkt: bytes, pay: bytes) -> bytes:
            whole, below = finish(self, pkt, pay), self.underlayer
            if not (isinstance(below, header) and isinstance(self.payload, header)):
                return whole
            own = len(whole) - len(pay)
            missing = int(below.NextCommand) - _SMB2_HEADER_BYTES - own
            return whole[:own] + bytes(missing) + pay if 0 < missing < 8 else whole

        return post_build

    return around


def isakmp_protocol(classes: Classes) -> Callable[..., Any]:
    """The protocol of transforms is that of the nearest layer or record around that has one."""
    otherwise = 1  # ISAKMP itself, RFC 2407, section 4.4.1

    def get_proto(self: Any, pkt: Any) -> Any:
        around = pkt
        while around is not None:
            if "proto" in around.fieldtype and (proto := around.getfieldval("proto")) is not None:
                return proto
            around = around.parent or around.underlayer
        return otherwise

    return get_proto


def sslv2_header(classes: Classes) -> Callable[..., Any]:
    """A header has a byte for the padding's length only where its first bit says so."""
    finish: Any = classes["record_sslv2.SSLv2"].post_build

    def post_build(self: Any, pkt: bytes, pay: bytes) -> Any:
        lacks_it = self.padlen is not None and not self.with_padding
        return finish(self, pkt[:2] + b"\0" + pkt[2:] if lacks_it else pkt, pay)

    return post_build


def _sum(data: bytes) -> int:
    """The one's-complement sum of 16-bit words, 0xffff for data with its right checksum."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    return total % 0xFFFF or 0xFFFF * (total > 0)
