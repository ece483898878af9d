"""What a payload is read as, where Scapy does not say it or says it wrong.

`BINDINGS` and `SAME_NUMBERS` add what Scapy has a layer for and no binding, `UNBOUND` takes
away what is wrong more often than right, and `GUESSES` replaces code that guesses. Bindings
are for reading only: what a layer builds stays as it is, unless the entry says so.
docs/protocols.md shows all of it (a test compares them).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scapy.fields import ConditionalField
from scapy.packet import Packet, Raw

from scapy_server.packet.loading.defaults import short_name

#: Classes by the names that `DEFAULTS` uses, such as inet.UDP.
Classes = Mapping[str, type[Packet]]
#: Whether the bytes look like what is bound.
Check = Callable[[bytes], bool]


@dataclass(frozen=True)
class Binding:
    """`upper` is read above `lower` where `field` has one of the `values`, and why.

    Without values it always is.
    With a `check` only payloads that pass it are; others are Raw.
    """

    lower: str
    upper: str
    field: str
    values: tuple[int, ...]
    why: str
    check: Check | None = None


@dataclass(frozen=True)
class Unbound:
    """`upper` is no longer chosen above `lower` by these values."""

    lower: str
    upper: str
    field: str
    values: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class SameNumbers:
    """Numbers of `field` mean above each of `others` what they mean above `lower`."""

    lower: str
    field: str
    others: tuple[tuple[str, str], ...]
    why: str
    least: int = 0


@dataclass(frozen=True)
class Guess:
    """The method `name` of a class is replaced by what `make` gives, and why.

    With a `field` it is the method of that field's class.
    """

    cls: str
    name: str
    make: Callable[[Classes], Callable[..., Any]]
    why: str
    field: str | None = None


def _is_rpc(record: bytes) -> bool:
    """A call or a reply of RPC version 2 behind its record mark (RFC 5531, sections 9 and 11)."""
    if len(record) < 16:
        return False
    kind, version = (int.from_bytes(record[at : at + 4], "big") for at in (8, 12))
    return kind == 1 or (kind == 0 and version == 2)


def _is_rtp(payload: bytes) -> bool:
    """A whole fixed header of version 2 (RFC 3550, section 5.1)."""
    return len(payload) >= 12 and payload[0] >> 6 == 2


def _is_ipv6(payload: bytes) -> bool:
    return len(payload) >= 40 and payload[0] >> 4 == 6


def _is_quic(payload: bytes) -> bool:
    """A long header of version 1 or 2 (RFC 9000, section 17.2; RFC 9369, section 3.1)."""
    return payload[0] >> 6 == 3 and payload[1:5] in (b"\0\0\0\1", b"\x6b\x33\x43\xcf")


def _is_stun(payload: bytes) -> bool:
    """A whole message with the magic cookie (RFC 8489, section 5)."""
    length = int.from_bytes(payload[2:4], "big")
    return payload[0] < 0x40 and payload[4:8] == b"\x21\x12\xa4\x42" and length + 20 == len(payload)


_OLD_TAGS = (0x9100, 0x9200)
_STUN_PORTS = (3479, 5349, 19302, 19305)
_TLS_PORTS = (465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443)

BINDINGS: Sequence[Binding] = (
    Binding("l2.Ether", "l2.Dot1Q", "type", _OLD_TAGS, "what switches tagged QinQ with of old"),
    Binding("l2.Loopback", "inet6.IPv6", "type", (24, 28, 30), "IPv6 on NetBSD, FreeBSD, macOS"),
    Binding("inet.IP", "mpls.MPLS", "proto", (137,), "MPLS in IP, RFC 4023"),
    Binding("inet6.IPv6", "mpls.MPLS", "nh", (137,), "MPLS in IP, RFC 4023"),
    Binding("inet.UDP", "oncrpc.RPC", "dport", (111, 2049), "port mapper and NFS"),
    Binding("inet.UDP", "oncrpc.RPC", "sport", (111, 2049), "port mapper and NFS"),
    Binding("inet.TCP", "oncrpc.RM_Header", "dport", (111, 2049), "port mapper and NFS", _is_rpc),
    Binding("inet.TCP", "oncrpc.RM_Header", "sport", (111, 2049), "port mapper and NFS", _is_rpc),
    Binding("oncrpc.RM_Header", "oncrpc.RPC", "", (), "what record marks are for"),
    Binding("inet.UDP", "inet6.IPv6", "dport", (3544,), "Teredo, RFC 4380", _is_ipv6),
    Binding("inet.UDP", "inet6.IPv6", "sport", (3544,), "Teredo, RFC 4380", _is_ipv6),
    Binding("inet.UDP", "rtp.RTP", "dport", (5004,), "media data, RFC 3551", _is_rtp),
    Binding("inet.UDP", "rtp.RTP", "sport", (5004,), "media data, RFC 3551", _is_rtp),
    Binding("inet.UDP", "radius.Radius", "dport", (1645, 1646), "the ports before RFC 2865"),
    Binding("inet.UDP", "radius.Radius", "sport", (1645, 1646), "the ports before RFC 2865"),
    Binding("inet.UDP", "netflow.NetflowHeader", "dport", (4739,), "IPFIX, RFC 7011"),
    Binding("inet.UDP", "mgcp.MGCP", "dport", (2427,), "gateways, RFC 3435"),
    Binding("inet.UDP", "mgcp.MGCP", "sport", (2427,), "gateways, RFC 3435"),
    Binding("inet.UDP", "quic.QUIC", "dport", (443,), "HTTP/3, RFC 9114", _is_quic),
    Binding("inet.UDP", "quic.QUIC", "sport", (443,), "HTTP/3, RFC 9114", _is_quic),
    Binding("inet.UDP", "stun.STUN", "dport", _STUN_PORTS, "public servers of STUN", _is_stun),
    Binding("inet.UDP", "stun.STUN", "sport", _STUN_PORTS, "public servers of STUN", _is_stun),
    Binding("inet.TCP", "record.TLS", "dport", _TLS_PORTS, "protocols over TLS"),
    Binding("inet.TCP", "record.TLS", "sport", _TLS_PORTS, "protocols over TLS"),
)

SAME_NUMBERS: Sequence[SameNumbers] = (
    SameNumbers(
        "l2.Ether",
        "type",
        (
            ("l2.SNAP", "code"),
            ("l2.CookedLinux", "proto"),
            ("l2.CookedLinuxV2", "proto"),
            ("l2.GRE", "proto"),
        ),
        "an EtherType means the same in every header that has one",
        least=0x600,
    ),
    SameNumbers(
        "inet.IP",
        "proto",
        (("ipsec.AH", "nh"),),
        "the number of a protocol means the same behind an AH",
    ),
    SameNumbers(
        "inet6.IPv6",
        "nh",
        (
            ("inet6.IPv6ExtHdrHopByHop", "nh"),
            ("inet6.IPv6ExtHdrDestOpt", "nh"),
            ("inet6.IPv6ExtHdrRouting", "nh"),
            ("inet6.IPv6ExtHdrSegmentRouting", "nh"),
            ("inet6.IPv6ExtHdrFragment", "nh"),
        ),
        "a next header means the same in every extension header, RFC 8200",
    ),
)

UNBOUND: Sequence[Unbound] = (
    Unbound(
        "inet.UDP",
        "netflow.NetflowHeader",
        "dport",
        (6343,),
        "the port of sFlow, which Scapy has no layer for",
    ),
    Unbound("inet.UDP", "netflow.NetflowHeader", "sport", (6343,), "as above"),
)


def _erspan(classes: Classes) -> Callable[..., Any]:
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


def _after_mpls(classes: Classes) -> Callable[..., Any]:
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


def _after_ah(classes: Classes) -> Callable[..., Any]:
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


def _loopback(classes: Classes) -> Callable[..., Any]:
    """The family stands in the byte order of the host, of which Scapy reads the first byte.

    It is 0 where the order is the other one: then the packet says by its version what it is.
    """
    by_version = {4: classes["inet.IP"], 6: classes["inet6.IPv6"]}

    def guess_payload_class(self: Any, payload: bytes) -> Any:
        if self.type == 0 and payload:
            return by_version.get(payload[0] >> 4, Raw)
        return Packet.guess_payload_class(self, payload)

    return guess_payload_class


def _module_scan(classes: Classes) -> Callable[..., Any]:
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


def _icmp_extension(classes: Classes) -> Callable[..., Any]:
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


def _behind_group_length(classes: Classes) -> Callable[..., Any]:
    """The length of the group comes first and is computed, as PS3.7, section 6.3.1 has it."""

    def pre_dissect(self: Any, s: bytes) -> bytes:
        size = self.GROUP_LENGTH_ELEMENT_SIZE
        is_there = s[:8] == b"\0\0\0\0\4\0\0\0" and len(s) >= size
        return s[size:] if is_there and self.fields_desc else s

    return pre_dissect


def _path_attribute(classes: Classes) -> Callable[..., Any]:
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


def _sum(data: bytes) -> int:
    """The one's-complement sum of 16-bit words, 0xffff for data with its right checksum."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    return total % 0xFFFF or 0xFFFF * (total > 0)


GUESSES: Sequence[Guess] = (
    Guess(
        "erspan.ERSPAN",
        "dispatch_hook",
        _erspan,
        "the first digit of the mirrored frame's address was read as the version",
    ),
    Guess(
        "l2.Loopback",
        "guess_payload_class",
        _loopback,
        "all that was captured in the other byte order was read as IPv4",
    ),
    Guess(
        "ipsec.AH",
        "guess_payload_class",
        _after_ah,
        "OSPF of IPv6 was read as that of IPv4, and ICMPv6 not at all",
    ),
    Guess(
        "mpls.MPLS",
        "guess_payload_class",
        _after_mpls,
        "addresses that begin with 00:00 were read as a control word",
    ),
    Guess(
        "hicp.HICPModuleScan",
        "do_dissect",
        _module_scan,
        "the padding, a number, was read as bytes that cannot be written again",
    ),
    Guess(
        "inet.ICMP",
        "getfield",
        _icmp_extension,
        "the end of every quote of 136 bytes and more was read as an extension",
        field="ext",
    ),
    Guess(
        "dicom.DIMSEPacket",
        "pre_dissect",
        _behind_group_length,
        "the length of the group was read as the first element, and each as the one before",
    ),
    Guess(
        "bgp.BGPPathAttr",
        "post_build",
        _path_attribute,
        "an attribute whose flags or length were given could not be built",
    ),
)


@dataclass(frozen=True)
class NotFilledIn:
    """`upper` fills these fields of `lower` no longer in when it is put on it, and why.

    Without fields it fills in none. The class `still` and those derived from it go on.
    """

    lower: str
    upper: str
    why: str
    fields: tuple[str, ...] = ()
    still: str | None = None


NOT_FILLED_IN: Sequence[NotFilledIn] = (
    NotFilledIn(
        "vxlan.VXLAN", "l2.Ether", "the flags of VXLAN are those of RFC 7348, not of VXLAN-GPE"
    ),
    NotFilledIn(
        "inet.IP",
        "igmp.IGMP",
        "the precedence is asked for by version 3 alone, RFC 3376",
        fields=("tos",),
        still="igmp.IGMPv3",
    ),
)


def apply(classes: Iterable[type[Packet]]) -> None:
    """Make Scapy choose so; to be called once, after all modules are loaded."""
    named = {short_name(cls): cls for cls in reversed(list(classes))}
    for unbound in UNBOUND:
        _unbind(named, unbound)
    for binding in BINDINGS:
        _bind(named, binding)
    for same in SAME_NUMBERS:
        _share(named, same)
    for guess in GUESSES:
        _replace(named, guess)
    for less in NOT_FILLED_IN:
        _fill_in_less(named, less)
    bound = {upper for cls in named.values() for _, upper in cls.payload_guess}
    for upper in bound:
        if isinstance(upper, type) and upper.__name__.startswith("_"):
            _never_itself(upper)


def _bind(named: Classes, binding: Binding) -> None:
    lower, upper = named[binding.lower], named[binding.upper]
    chosen = upper if binding.check is None else _checked(upper, binding.check)
    new: list[Any] = [({binding.field: value}, chosen) for value in binding.values]
    new = new or [({}, chosen)]
    lower.payload_guess = [*lower.payload_guess, *new]


def _checked(upper: type[Packet], check: Check) -> Callable[..., Packet]:
    """What Scapy calls as it calls a class, and gets a layer of another one where it must."""

    def layer(data: bytes, **given: Any) -> Packet:
        return (upper if check(data) else Raw)(data, **given)

    return layer


def _unbind(named: Classes, unbound: Unbound) -> None:
    lower, upper = named[unbound.lower], named[unbound.upper]
    lower.payload_guess = [
        (conditions, cls)
        for conditions, cls in lower.payload_guess
        if cls is not upper or conditions.get(unbound.field) not in unbound.values
    ]


def _share(named: Classes, same: SameNumbers) -> None:
    shared = [
        (conditions[same.field], upper)
        for conditions, upper in named[same.lower].payload_guess
        if conditions.get(same.field, -1) >= same.least
    ]
    for other, field in same.others:
        cls = named[other]
        taken = {conditions.get(field) for conditions, _ in cls.payload_guess}
        new: list[Any] = [
            ({field: number}, upper) for number, upper in shared if number not in taken
        ]
        cls.payload_guess = [*cls.payload_guess, *new]


def _fill_in_less(named: Classes, less: NotFilledIn) -> None:
    filling: Any = named[less.upper]
    lower, overloads = named[less.lower], filling._overload_fields
    still: Any = named.get(less.still or "")
    if still is not None:
        still._overload_fields = still._overload_fields  # its own, where it was inherited
    fields = {
        name: value
        for name, value in overloads.get(lower, {}).items()
        if less.fields and name not in less.fields
    }
    others = {cls: given for cls, given in overloads.items() if cls is not lower}
    filling._overload_fields = {**others, lower: fields} if fields else others


def _never_itself(private: Any) -> None:
    """Let a class that Scapy keeps to itself choose among others, or else Raw.

    Clients cannot ask for a layer of it.
    """
    choose = private.dispatch_hook

    def dispatch_hook(cls: type[Packet], *given: Any, **named: Any) -> type[Packet]:
        chosen: type[Packet] = choose(*given, **named)
        return Raw if chosen is private and given and given[0] else chosen

    private.dispatch_hook = classmethod(dispatch_hook)


def _replace(named: Classes, guess: Guess) -> None:
    made: Any = guess.make(named)
    cls: Any = named[guess.cls]
    if guess.field is not None:
        declared = {field.name: field for field in cls.fields_desc}[guess.field]
        cls = type(declared.fld if isinstance(declared, ConditionalField) else declared)
    setattr(cls, guess.name, classmethod(made) if guess.name == "dispatch_hook" else made)
