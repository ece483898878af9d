from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy import fields as sf
from scapy.contrib.mpls import MPLS
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import (
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption_LSRR,
    IPOption_NOP,
    IPOption_SSRR,
)
from scapy.layers.inet6 import (
    HBHOptUnknown,
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
)
from scapy.layers.l2 import ARP, GRE, LLC, SNAP, STP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Padding, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.frames.tracer import TracedLayer, trace_chain, trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer

# Scapy itself is the independent truth here: it builds the packets that are dissected.
# It must be loaded as the service loads it, or it would ask the host for addresses.
pytestmark = pytest.mark.usefixtures("registry")

ADDRESSES = st.integers(1, 2**32 - 1).map(
    lambda n: f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
)
IP_OPTIONS = st.lists(
    st.one_of(
        st.builds(IPOption_NOP),
        st.builds(IPOption_SSRR, routers=st.lists(ADDRESSES, max_size=3)),
        st.builds(IPOption_LSRR, routers=st.lists(ADDRESSES, min_size=1, max_size=2)),
    ),
    max_size=2,
)
TCP_OPTIONS = st.lists(
    st.one_of(
        st.just(("NOP", None)),
        st.tuples(st.just("MSS"), st.integers(0, 65535)),
        st.tuples(st.just("WScale"), st.integers(0, 14)),
        st.just(("SAckOK", b"")),
        st.tuples(
            st.just("Timestamp"), st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
        ),
    ),
    max_size=4,
)
V6_OPTIONS = st.lists(
    st.one_of(
        st.builds(PadN, optdata=st.binary(max_size=5)),
        st.builds(HBHOptUnknown, otype=st.just(0x3E), optdata=st.binary(max_size=9)),
    ),
    max_size=3,
)
PAYLOADS = st.builds(Raw, load=st.binary(min_size=1, max_size=30))
VLAN = st.integers(0, 4095)


def ip() -> st.SearchStrategy[Packet]:
    return st.builds(IP, src=ADDRESSES, dst=ADDRESSES, options=IP_OPTIONS, ttl=st.integers(0, 255))


def ipv6() -> st.SearchStrategy[Packet]:
    # A routing header makes checksums depend on it, not places; Scapy fills all of them in.
    extensions: st.SearchStrategy[list[Any]] = st.lists(
        st.one_of(
            st.builds(IPv6ExtHdrHopByHop, options=V6_OPTIONS),
            st.builds(IPv6ExtHdrDestOpt, options=V6_OPTIONS),
            st.builds(IPv6ExtHdrRouting, addresses=st.lists(st.just("2001:db8::7"), max_size=2)),
        ),
        max_size=2,
    )

    def joined(extensions: list[Any]) -> Packet:
        packet: Packet = IPv6(src="2001:db8::1", dst="2001:db8::2")
        for extension in extensions:
            packet = packet / extension
        return packet

    return extensions.map(joined)


def gre() -> st.SearchStrategy[Packet]:
    return st.builds(
        GRE,
        key_present=st.integers(0, 1),
        seqnum_present=st.integers(0, 1),
        chksum_present=st.integers(0, 1),
        key=st.integers(0, 2**32 - 1),
    )


def over_ip(depth: int) -> st.SearchStrategy[Packet]:
    tcp = st.builds(TCP, options=TCP_OPTIONS, sport=st.just(50000), dport=st.just(50001))
    ends = [
        st.builds(lambda a, b: a / b, tcp, PAYLOADS),
        tcp,
        st.builds(lambda b: UDP(sport=50000, dport=50001) / b, PAYLOADS),
        st.builds(
            lambda n: UDP(dport=53) / DNS(qd=DNSQR(qname=n)), st.sampled_from(["a.b", "xyz"])
        ),
    ]
    if depth:
        inner = network(depth - 1)
        ends += [
            st.builds(lambda a, b: a / b, gre(), inner),
            st.builds(lambda b: UDP(dport=4789) / VXLAN(vni=5, flags=8) / Ether() / b, inner),
        ]
    return st.one_of(ends)


def network(depth: int) -> st.SearchStrategy[Packet]:
    return st.one_of(
        st.builds(lambda a, b: a / b, ip(), over_ip(depth)),
        st.builds(lambda a, b: a / ICMP() / b, ip(), PAYLOADS),
        st.builds(lambda a, b: a / b, ipv6(), over_ip(depth)),
        st.builds(lambda a, b: a / ICMPv6EchoRequest(data=b), ipv6(), st.binary(max_size=9)),
    )


TAGS = st.lists(st.one_of(st.builds(Dot1Q, vlan=VLAN), st.builds(Dot1AD, vlan=VLAN)), max_size=3)


NETWORK = network(2)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    packet: Packet = Ether()
    for tag in draw(TAGS):
        packet = packet / tag
    if draw(st.booleans()) and draw(st.booleans()):
        count = draw(st.integers(1, 3))
        for index in range(count):
            packet = packet / MPLS(label=100 + index, s=int(index == count - 1))
    return packet / draw(NETWORK)


def layers_of(packet: Packet) -> list[Packet]:
    layers = []
    layer: Any = packet
    while layer:
        layers.append(layer)
        layer = layer.payload
    return layers


def bytes_of(packet: Any) -> bytes:
    frame: bytes = packet.build()
    return frame


def trace(packet: Packet) -> list[TracedLayer]:
    return trace_chain(type(packet), packet.build())


@given(packets())
def test_stacks_are_read_as_scapy_builds_and_reads_them(packet: Packet) -> None:
    frame = packet.build()
    chain = trace_chain(Ether, frame)
    built = layers_of(packet)
    read = layers_of(Ether(frame))
    assert [type(traced.packet) for traced in chain] == [type(layer) for layer in read]
    assert [traced.packet.fields for traced in chain] == [layer.fields for layer in read]
    assert [type(layer) for layer in read] == [type(layer) for layer in built]
    # A layer begins that many bytes before the end as it and its payload take.
    lengths = [len(layer.build()) for layer in built]
    assert [traced.offset for traced in chain] == [len(frame) - length for length in lengths]
    assert [traced.header_end for traced in chain] == [
        *(len(frame) - length for length in lengths[1:]),
        len(frame),
    ]
    for lower, upper in pairwise(chain):
        assert lower.packet.payload is upper.packet
        assert upper.packet.underlayer is lower.packet
    assert chain[0].packet.build() == frame


#: Formats of numbers that stand on the wire as they are read.
BIG_ENDIAN = {"!B", "B", "!H", "!I", "!Q", ">H", ">I", ">Q"}


def plain_number(field: Any) -> bool:
    """Whether the field is a number whose bits on the wire are the number itself."""
    if isinstance(field, sf._FieldContainer):
        return False
    if isinstance(field, sf.BitField):
        return not field.rev and type(field).m2i in (sf.Field.m2i, sf.BitField.m2i)
    return (
        field.fmt in BIG_ENDIAN
        and type(field).getfield is sf.Field.getfield
        and type(field).m2i is sf.Field.m2i
    )


@pytest.mark.sweep
def test_the_bits_at_a_place_are_the_number_that_was_read(registry: Registry) -> None:
    compared = 0
    for layer in registry:
        try:
            frame = new_layer(layer.built_class, None).build()
            traced = trace_layer(layer.built_class, frame, 0, None)[0]
        except Exception:
            continue  # it cannot stand alone
        if type(traced.packet).do_dissect is not Packet.do_dissect:
            continue
        if type(traced.packet).pre_dissect is not Packet.pre_dissect:
            continue
        whole = int.from_bytes(frame, "big")
        for field, place in zip(traced.packet.fields_desc, traced.places, strict=True):
            if not place.present or not place.bit_length or not plain_number(field):
                continue
            shift = 8 * len(frame) - place.bit_offset - place.bit_length
            bits = whole >> shift & (1 << place.bit_length) - 1
            value = traced.packet.getfieldval(field.name)
            if isinstance(value, int):
                assert bits == int(value), (layer.id, field.name, place)
                compared += 1
    assert compared > 8000


@pytest.mark.parametrize(
    ("packet", "places"),
    [
        (
            Ether() / Dot1Q(prio=5, vlan=3) / IP(),
            [
                {"dst": (0, 48), "src": (48, 48), "type": (96, 16)},
                {"prio": (0, 3), "dei": (3, 1), "vlan": (4, 12), "type": (16, 16)},
                {"version": (0, 4), "ihl": (4, 4), "flags": (48, 3), "frag": (51, 13)},
            ],
        ),
        (
            Ether() / IPv6(tc=1, fl=2) / TCP(),
            [
                {},
                {"version": (0, 4), "tc": (4, 8), "fl": (12, 20), "plen": (32, 16)},
                {"dataofs": (96, 4), "reserved": (100, 3), "flags": (103, 9), "options": (160, 0)},
            ],
        ),
        (
            Ether() / MPLS(label=7, s=1) / IP(),
            [{}, {"label": (0, 20), "cos": (20, 3), "s": (23, 1), "ttl": (24, 8)}, {}],
        ),
        (
            Ether() / IP() / GRE(key_present=1, seqnum_present=1) / IP() / GRE() / IP(),
            [
                {},
                {},
                {"chksum": (32, 0), "key": (32, 32), "sequence_number": (64, 32)},
                {},
                {"proto": (16, 16), "key": (32, 0), "sequence_number": (32, 0)},
                {},
            ],
        ),
        (
            Dot3() / LLC() / STP(),
            [{"len": (96, 16)}, {"dsap": (0, 8), "ctrl": (16, 8)}, {"rootmac": (56, 48)}],
        ),
    ],
    ids=lambda value: value.summary() if isinstance(value, Packet) else "",
)
def test_places_by_hand(packet: Packet, places: list[dict[str, tuple[int, int]]]) -> None:
    for traced, expected in zip(trace(packet), places, strict=True):
        found = {
            field.name: (place.bit_offset, place.bit_length)
            for field, place in zip(traced.packet.fields_desc, traced.places, strict=True)
        }
        assert {name: found[name] for name in expected} == expected


def test_bytes_beyond_the_stated_length_are_padding() -> None:
    frame = bytes_of(Ether() / IP() / UDP(sport=50000, dport=50001) / Raw(b"abc")) + b"\0" * 15
    chain = trace_chain(Ether, frame)
    assert [type(traced.packet) for traced in chain] == [Ether, IP, UDP, Raw, Padding]
    assert (chain[3].offset, chain[3].header_end) == (42, 45)
    assert (chain[4].offset, chain[4].header_end) == (45, 60)
    assert chain[0].packet.build() == frame


def test_paddings_of_several_layers_stand_in_the_order_of_the_bytes() -> None:
    inner = IP(len=28) / UDP(sport=50000, dport=50001, len=8) / Raw(b"in")
    frame = bytes_of(Ether() / IP() / GRE() / inner) + b"out"
    chain = trace_chain(Ether, frame)
    assert [traced.packet.load for traced in chain if isinstance(traced.packet, Padding)] == [
        b"in",
        b"out",
    ]
    assert [traced.offset for traced in chain[-2:]] == [len(frame) - 5, len(frame) - 3]


def test_a_length_that_lies_leaves_raw_bytes() -> None:
    chain = trace_chain(Ether, bytes_of(Ether() / IP(ihl=15)))
    assert [type(traced.packet) for traced in chain] == [Ether, IP]
    chain = trace_chain(Ether, bytes_of(Ether() / ARP())[:20])
    assert [type(traced.packet) for traced in chain] == [Ether, Raw]


@pytest.mark.parametrize("tags", [limits.DISSECTED_LAYERS - 1, limits.DISSECTED_LAYERS, 1000])
def test_the_number_of_layers_is_bounded(tags: int) -> None:
    frame = Ether(type=0x8100).build() + Dot1Q(type=0x8100).build() * tags
    chain = trace_chain(Ether, frame)
    assert chain[-1].header_end == len(frame)
    if tags < limits.DISSECTED_LAYERS:
        assert [type(traced.packet) for traced in chain] == [Ether, *[Dot1Q] * tags]
    else:  # the rest of the bytes stay as they are
        assert len(chain) == limits.DISSECTED_LAYERS + 1
        assert type(chain[-1].packet) is Raw


CUT = [
    Ether() / Dot1AD() / Dot1Q() / IP(options=[IPOption_NOP()]) / TCP(options=[("MSS", 1)]) / b"x",
    Ether() / IPv6() / IPv6ExtHdrHopByHop() / ICMPv6EchoRequest(data=b"abc"),
    Ether() / IP() / GRE(key_present=1) / IP() / UDP(dport=4789) / VXLAN() / Ether() / ARP(),
    Ether() / MPLS(s=0) / MPLS(s=1) / IP() / UDP(dport=53) / DNS(qd=DNSQR(qname="a.b")),
    Dot3() / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP() / STP(),
]


@pytest.mark.parametrize("packet", CUT, ids=lambda packet: packet.summary())
def test_every_cut_frame_is_read_as_far_as_it_goes(packet: Packet) -> None:
    frame = packet.build()
    for length in range(1, len(frame) + 1):
        cut = frame[:length]
        try:
            chain = trace_chain(type(packet), cut)
        except RefusedError as error:
            assert length < 14
            assert "cannot be read as" in error.problem
        else:
            assert chain[-1].header_end == length
            check_places(chain, cut)
            assert chain[0].packet.build() == cut


@given(st.binary(min_size=14, max_size=120))
def test_any_frame_is_read_and_built_again(frame: bytes) -> None:
    chain = trace_chain(Ether, frame)
    check_places(chain, frame)
    assert chain[0].packet.build() == frame


@given(packet=packets(), data=st.data())
def test_damaged_frames_are_read_and_built_again(packet: Packet, data: st.DataObject) -> None:
    damaged = bytearray(packet.build())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(14, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    frame = bytes(damaged)
    chain = trace_chain(Ether, frame)
    check_places(chain, frame)
    assert chain[0].packet.build() == frame


def check_places(chain: list[TracedLayer], frame: bytes) -> None:
    """Every layer and field lies in the frame; layers follow each other without a gap."""
    assert chain[0].offset == 0
    for lower, upper in pairwise(chain):
        assert upper.offset == lower.header_end or isinstance(upper.packet, Padding)
    for traced in chain:
        assert 0 <= traced.offset <= traced.header_end <= len(frame)
        assert len(traced.places) == len(traced.packet.fields_desc)
        bits = 8 * (len(frame) - traced.offset)
        for place in traced.places:
            assert 0 <= place.bit_offset <= place.bit_offset + place.bit_length
            assert place.bit_offset <= bits


#: Bytes of every kind, none of them a frame of anything in particular.
GARBAGE = [
    b"",
    b"\0",
    b"\0" * 64,
    b"\xff" * 64,
    bytes(range(60)),
    *(random.Random(1).randbytes(size) for size in (3, 7, 40, 120)),
]


@pytest.mark.sweep
def test_garbage_as_every_layer_is_read_or_refused(registry: Registry) -> None:
    read = 0
    for layer in registry:
        for frame in GARBAGE:
            try:
                chain = trace_chain(layer.cls, frame)
            except RefusedError:
                continue
            read += 1
            for traced in chain:
                assert len(traced.places) == len(traced.packet.fields_desc)
                assert all(p.bit_offset >= 0 and p.bit_length >= 0 for p in traced.places)
                assert 0 <= traced.offset <= traced.header_end
    assert read > len(registry) * 3


def test_a_root_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="a frame of 5 bytes cannot be read as Ether"):
        trace_chain(Ether, b"short")


#: A query of IGMP in an IP header without options, and SOCKS between ports of its own.
WRITTEN_BELOW = [
    "01005e0000010200000000010800450000 1c00010000010217ddc0000201e00000011164ee9b00000000",
    "020000000002020000000001080045000032000100004006f6c1c0000201c000020204380035"
    "00000000000000005002200000000000 050100017f0000010050",
]


@pytest.mark.parametrize("text", WRITTEN_BELOW)
def test_no_layer_writes_into_those_below_it(text: str) -> None:
    frame = bytes.fromhex(text)
    chain = trace_chain(Ether, frame)
    for depth, traced in enumerate(chain):
        alone = trace_layer(type(traced.packet), frame[traced.offset :], 0, None)[0]
        if not depth or type(traced.packet) in (IP, TCP):
            assert traced.packet.fields == alone.packet.fields
