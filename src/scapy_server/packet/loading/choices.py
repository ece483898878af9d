"""What a payload is read as, where Scapy does not say it or says it wrong.

`BINDINGS` and `SAME_NUMBERS` add what Scapy has a layer for and no binding, `UNBOUND` takes
away what is wrong more often than right, `GUESSES` replaces code that guesses or writes what it
read otherwise, and `PASSED_OVER` are fields that it leaves out. Bindings
are for reading only: what a layer builds stays as it is, unless the entry says so.
`choosing` makes Scapy do so. docs/protocols.md shows all of it (a test compares them).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scapy_server.packet.loading import guesses, missing_fields
from scapy_server.packet.loading.guesses import Classes
from scapy_server.packet.loading.looks import is_ipv6, is_quic, is_rpc, is_rtp, is_stun

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

    With a `field` it is the method of that field's class. Where that is `around` the methods of the
    class and of all that derive from it, `make` gives what makes another one of each.
    """

    cls: str
    name: str
    make: Callable[[Classes], Callable[..., Any]]
    why: str
    field: str | None = None
    around: bool = False


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


@dataclass(frozen=True)
class PassedOver:
    """Fields that are read in front of the field `before` of a class, and why."""

    cls: str
    before: str
    fields: Callable[[], Sequence[Any]]
    why: str


_OLD_TAGS = (0x9100, 0x9200)
_STUN_PORTS = (3479, 5349, 19302, 19305)
_TLS_PORTS = (465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 5061, 8443)

BINDINGS: Sequence[Binding] = (
    Binding("l2.Ether", "l2.Dot1Q", "type", _OLD_TAGS, "what switches tagged QinQ with of old"),
    Binding("l2.Loopback", "inet6.IPv6", "type", (24, 28, 30), "IPv6 on NetBSD, FreeBSD, macOS"),
    Binding("l2.Ether", "ptp_v2.PTP", "type", (0x88F7,), "clocks on Ethernet, IEEE 1588, annex E"),
    Binding("inet.IP", "mpls.MPLS", "proto", (137,), "MPLS in IP, RFC 4023"),
    Binding("inet6.IPv6", "mpls.MPLS", "nh", (137,), "MPLS in IP, RFC 4023"),
    Binding("inet.UDP", "oncrpc.RPC", "dport", (111, 2049), "port mapper and NFS"),
    Binding("inet.UDP", "oncrpc.RPC", "sport", (111, 2049), "port mapper and NFS"),
    Binding("inet.TCP", "oncrpc.RM_Header", "dport", (111, 2049), "port mapper and NFS", is_rpc),
    Binding("inet.TCP", "oncrpc.RM_Header", "sport", (111, 2049), "port mapper and NFS", is_rpc),
    Binding("oncrpc.RM_Header", "oncrpc.RPC", "", (), "what record marks are for"),
    Binding("inet.UDP", "inet6.IPv6", "dport", (3544,), "Teredo, RFC 4380", is_ipv6),
    Binding("inet.UDP", "inet6.IPv6", "sport", (3544,), "Teredo, RFC 4380", is_ipv6),
    Binding("inet.UDP", "rtp.RTP", "dport", (5004,), "media data, RFC 3551", is_rtp),
    Binding("inet.UDP", "rtp.RTP", "sport", (5004,), "media data, RFC 3551", is_rtp),
    Binding("inet.UDP", "radius.Radius", "dport", (1645, 1646), "the ports before RFC 2865"),
    Binding("inet.UDP", "radius.Radius", "sport", (1645, 1646), "the ports before RFC 2865"),
    Binding("inet.UDP", "netflow.NetflowHeader", "dport", (4739,), "IPFIX, RFC 7011"),
    Binding("inet.UDP", "mgcp.MGCP", "dport", (2427,), "gateways, RFC 3435"),
    Binding("inet.UDP", "mgcp.MGCP", "sport", (2427,), "gateways, RFC 3435"),
    Binding("inet.UDP", "quic.QUIC", "dport", (443,), "HTTP/3, RFC 9114", is_quic),
    Binding("inet.UDP", "quic.QUIC", "sport", (443,), "HTTP/3, RFC 9114", is_quic),
    Binding("inet.UDP", "stun.STUN", "dport", _STUN_PORTS, "public servers of STUN", is_stun),
    Binding("inet.UDP", "stun.STUN", "sport", _STUN_PORTS, "public servers of STUN", is_stun),
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


GUESSES: Sequence[Guess] = (
    Guess(
        "erspan.ERSPAN",
        "dispatch_hook",
        guesses.erspan,
        "the first digit of the mirrored frame's address was read as the version",
    ),
    Guess(
        "l2.Loopback",
        "guess_payload_class",
        guesses.loopback,
        "all that was captured in the other byte order was read as IPv4",
    ),
    *(
        Guess(
            "l2.Loopback",
            name,
            guesses.family,
            "of the four bytes of the family the first was kept, and the others built as 0",
            field="type",
        )
        for name in ("m2i", "i2m")
    ),
    Guess(
        "ipsec.AH",
        "guess_payload_class",
        guesses.after_ah,
        "OSPF of IPv6 was read as that of IPv4, and ICMPv6 not at all",
    ),
    Guess(
        "ipsec.AH",
        "post_build",
        guesses.authentication_header,
        "neither its length nor the number of what follows was computed, so that both were 0",
    ),
    Guess(
        "mpls.MPLS",
        "guess_payload_class",
        guesses.after_mpls,
        "addresses that begin with 00:00 were read as a control word",
    ),
    Guess(
        "hicp.HICPModuleScan",
        "do_dissect",
        guesses.module_scan,
        "the padding, a number, was read as bytes that cannot be written again",
    ),
    Guess(
        "inet.ICMP",
        "getfield",
        guesses.icmp_extension,
        "the end of every quote of 136 bytes and more was read as an extension",
        field="ext",
    ),
    Guess(
        "dicom.DIMSEPacket",
        "pre_dissect",
        guesses.behind_group_length,
        "the length of the group was read as the first element, and each as the one before",
    ),
    Guess(
        "bgp.BGPPathAttr",
        "post_build",
        guesses.path_attribute,
        "an attribute whose flags or length were given could not be built",
    ),
    Guess(
        "bgp.BGPPathAttr",
        "m2i",
        guesses.numbers_of_systems,
        "numbers of four bytes, which nearly all speakers have, were read as two of two bytes each",
        field="attribute",
    ),
    Guess(
        "bgp.BGPPAAS4BytesPath",
        "getfield",
        guesses.segments_of_path,
        "a segment of numbers of four bytes ended where it would with numbers of two",
        field="segments",
    ),
    Guess(
        "ospf.OSPF_Hdr",
        "i2m",
        guesses.ospf_length,
        "the length of a signaling block was taken off a length that was given",
        field="len",
    ),
    Guess(
        "smb2._SMB2_Payload",
        "post_dissect",
        guesses.smb2_padding,
        "of commands in one message the next was read from the padding in front of it",
    ),
    Guess(
        "smb2._SMB2_Payload",
        "post_build",
        guesses.smb2_filling,
        "of commands in one message the next did not begin where the header in front of it says",
        around=True,
    ),
    Guess(
        "isakmp.ISAKMP_payload_Transform",
        "_get_proto",
        guesses.isakmp_protocol,
        "each layer below was asked, with all that it carries: many transforms took a second",
        field="transforms",
    ),
    Guess(
        "record_sslv2.SSLv2",
        "post_build",
        guesses.sslv2_header,
        "a header without padding, of which this was said, lost its first byte behind it",
    ),
)


PASSED_OVER: Sequence[PassedOver] = (
    PassedOver(
        "dot11.RadioTap",
        "Antenna",
        missing_fields.transmitting,
        "what followed them was read from their bytes",
    ),
    PassedOver("dot11.RadioTap", "RXFlags", missing_fields.in_decibels, "as above"),
)


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
