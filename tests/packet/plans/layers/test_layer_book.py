"""Frames shown layer by layer against the long way: the same JSON, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.contrib.lldp import LLDPDUGenericOrganisationSpecific
from scapy.contrib.ospf import OSPF_Hdr, OSPF_Hello
from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.http import HTTPRequest
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.layers import layer_book
from scapy_server.packet.plans.layers.layer_book import KnownLayers, LayerBook
from scapy_server.packet.plans.layers.layer_planner import LayerPlanner
from scapy_server.packet.plans.layers.planned_layer import Given
from scapy_server.packet.plans.read_work import work_of_tree
from tests.packet.corpus import stacked
from tests.packet.plans.shapes import STACKS


class Reader:
    """Shows frames both ways, and counts those that took no long way."""

    def __init__(self, codec: PacketCodec) -> None:
        self.codec, self.book, self.planned = codec, LayerBook(codec.registry), 0

    def is_shown_alike(self, root: type[Packet], frame: bytes) -> bool:
        try:
            long, work = self._shown(root, frame, LayerBook(self.codec.registry))
        except RefusedError:
            return self.book.read(root, frame) is None
        found = self.book.read(root, frame)
        self.planned += found is not None
        if found is not None:
            tree = b'{"data":[' + b",".join(found.layers)
            if long.partition(b'],"binary"')[0] != tree or found.work != work:
                return False
        return self._shown(root, frame, self.book) == (long, work)

    def _shown(self, root: type[Packet], frame: bytes, book: LayerBook) -> tuple[bytes, int]:
        """The JSON, and what it takes; a new book knows nothing, so that all goes the long way."""
        real = trace_chain(root, frame)
        tree = self.codec.tree_of(frame, real)
        json = msgspec.json.encode(tree.result(book.shown))
        return json, work_of_tree(json, real, tree.written)


def others(frame: bytes, draw: random.Random) -> Iterator[bytes]:
    """The frame a few times, with other bytes here and there, cut, and with more behind it."""
    yield from (frame, frame, frame)
    for _ in range(4):
        other = bytearray(frame)
        for _ in range(draw.randrange(1, 4)):
            other[draw.randrange(len(frame))] = draw.choice((0, 1, 0x41, 0x80, 0xFF))
        yield bytes(other)
    yield frame[: draw.randrange(1, len(frame) + 1)]
    yield frame + draw.randbytes(draw.randrange(1, 9))


@pytest.mark.sweep
def test_each_layer_is_shown_alike_on_whatever_stands_below_it(codec: PacketCodec) -> None:
    draw, reader, frames = random.Random(11), Reader(codec), 0
    for stack in stacked(codec.registry):
        for frame in others(stack.data, draw):
            frames += 1
            assert reader.is_shown_alike(stack.root, frame), (stack.name, frame.hex())
    assert reader.planned > frames / 5


@pytest.mark.sweep
@given(
    stack=st.sampled_from(STACKS),
    noise=st.lists(st.tuples(st.integers(0, 90), st.binary(max_size=3)), max_size=8),
    trailing=st.sampled_from([b"", b"\0" * 8, b"FCS!"]),
)
def test_frames_of_known_layers_with_noise_are_shown_alike(
    codec: PacketCodec, stack: list[str], noise: list[tuple[int, bytes]], trailing: bytes
) -> None:
    bare = parse_model([{"id": layer} for layer in stack], codec.registry)
    frame = codec.place(bare).frame + trailing
    root, reader = codec.registry.layer(stack[0]).cls, Reader(codec)
    for at, over in [(0, b""), (0, b""), (0, b""), *noise]:
        assert reader.is_shown_alike(root, frame[:at] + over + frame[at + len(over) :])


def stack_of(layers: int) -> bytes:
    tags = bytes(Dot1Q(type=0x8100)) * (layers - 3) + bytes(Dot1Q(type=0x4242))
    return bytes(Ether(type=0x8100)) + tags + b"abcd"


@pytest.mark.parametrize("more", [0, 1])
def test_the_layers_of_a_packet_that_plans_show_are_bounded(codec: PacketCodec, more: int) -> None:
    reader = Reader(codec)
    assert all(reader.is_shown_alike(Ether, stack_of(4)) for _ in range(3))
    shown = reader.book.read(Ether, stack_of(limits.PLANNED_LAYERS + more))
    assert (shown is None) == bool(more)
    assert reader.is_shown_alike(Ether, stack_of(limits.PLANNED_LAYERS + more))


@pytest.mark.parametrize("more", [0, 1])
def test_a_layer_of_many_records_has_no_plan(
    codec: PacketCodec, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take a few times what reading it takes. Of an option two packets are made."""
    for bound in ("_MOST_PLANNED", "_MOST_ALONE"):
        monkeypatch.setattr(layer_book, bound, 10_000)
    options = [IPOption_NOP()] * (limits.PLANNED_RECORDS // 2 + more)
    frame, reader = bytes(Ether() / IP(options=options) / Raw(b"abc")), Reader(codec)
    assert all(reader.is_shown_alike(Ether, frame) for _ in range(4))
    assert bool(reader.book.plans_of(IP)) != bool(more)


@pytest.mark.parametrize(("most", "plans"), [(60, 1), (40, 0)])
def test_a_frame_gets_few_plans_at_once(
    codec: PacketCodec, monkeypatch: pytest.MonkeyPatch, most: int, plans: int
) -> None:
    """Each takes a few times what reading its layer does, which here is that of 51 fields."""
    monkeypatch.setattr(layer_book, "_MOST_PLANNED", most)
    frame = bytes(Ether() / IP(options=[IPOption_NOP()] * 4) / Raw(b"abc"))
    book = LayerBook(codec.registry)
    for _ in range(3):
        assert book.read(Ether, frame) is not None
    assert len(book.plans_of(IP)) == plans


def test_what_is_read_alone_of_a_frame_is_bounded(codec: PacketCodec) -> None:
    """The long way may have to read it again."""
    reader = Reader(codec)
    extensions = [LLDPDUGenericOrganisationSpecific(org_code=9, data=b"a")] * 40
    frame = bytes(Ether(type=0x88CC))
    for each in extensions:
        frame += bytes(each)
    assert reader.book.read(Ether, frame) is None
    assert reader.is_shown_alike(Ether, frame)


@pytest.mark.parametrize("more", [0, 1])
def test_the_plans_of_a_class_are_bounded(registry: Registry, more: int) -> None:
    known, planner = KnownLayers(), LayerPlanner(registry)
    layers = [
        bytes(TCP(options=[("MSS", number)])) for number in range(limits.PLANS_OF_A_LAYER + more)
    ]
    for layer in layers:
        made = planner.plan(Given(TCP, layer, 0, len(layer)))
        assert made is not None
        known.learn(made)
    assert (known.read(layers[0], 0, len(layers[0])) is None) == bool(more)
    assert known.read(layers[1], 0, len(layers[1])) is not None
    assert known.size > limits.PLANS_OF_A_LAYER * 1000


def test_a_frame_is_shown_by_what_was_learnt_of_others(codec: PacketCodec) -> None:
    """With whatever values, payload and bytes behind the packet."""
    reader = Reader(codec)
    for _ in range(3):
        assert reader.is_shown_alike(Ether, bytes(Ether() / IP() / TCP(dport=9) / Raw(b"abc")))
    before = reader.planned
    for size in range(1, 40):
        ip: Packet = IP(src=f"10.0.0.{size}", id=size, tos=size) / TCP(sport=size + 2000, seq=size)
        frame = bytes(Ether() / Dot1Q(vlan=size) / ip / Raw(bytes([size]) * size))
        assert reader.is_shown_alike(Ether, frame[:12] + frame[16:])
    assert reader.planned == before + 39


def test_what_has_no_plan_is_shown_alone(codec: PacketCodec) -> None:
    reader = Reader(codec)
    get = bytes(Ether() / IP() / TCP(dport=80) / b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    dns = bytes(Ether() / IP() / UDP() / DNS(qd=DNSQR(), an=DNSRR(rdata="1.2.3.4")))
    for frame in (get, get, dns, dns):
        assert reader.is_shown_alike(Ether, frame)
    assert reader.planned == 4
    assert not reader.book.plans_of(HTTPRequest) and not reader.book.plans_of(DNS)


def test_what_looks_at_the_layers_around_it_takes_the_long_way(codec: PacketCodec) -> None:
    reader = Reader(codec)
    frame = bytes(Ether() / IP(proto=89) / OSPF_Hdr() / OSPF_Hello())
    assert all(reader.is_shown_alike(Ether, frame) for _ in range(3))
    assert reader.planned == 0


def test_what_comes_once_is_not_planned_and_what_comes_again_seldom() -> None:
    known = KnownLayers()
    assert not any(known.wants_plan(number) for number in range(2000))
    assert not known.wants_plan(0)  # which is long ago
    again = sum(known.wants_plan(number % 8) for number in range(2000))
    assert 20 < again < 2000 / 5


def test_time_stamps_among_options_are_shown_by_plans(codec: PacketCodec) -> None:
    draw, reader = random.Random(5), Reader(codec)
    frames = []
    for number in range(20):
        edges = tuple(draw.randrange(1 << 32) for _ in range(2 + 2 * (number % 2)))
        options = [("Timestamp", (draw.randrange(1 << 32), number)), ("SAck", edges)]
        frames.append(bytes(Ether() / IP() / TCP(seq=number, options=options) / Raw(b"abc")))
    assert all(reader.is_shown_alike(Ether, frame) for frame in frames)
    assert len(reader.book.plans_of(TCP)) == 2  # of one gap and of two


def test_records_of_tls_are_shown_between_plans(codec: PacketCodec) -> None:
    """They look at ports and addresses below."""
    reader = Reader(codec)
    alert = bytes.fromhex("15030300020228")
    data = bytes.fromhex("1703030004") + b"data"
    for number, records in enumerate((alert, data, alert + data)):
        segment = TCP(sport=443, dport=40_000 + number, seq=number)
        assert reader.is_shown_alike(Ether, bytes(Ether() / IP() / segment / Raw(records)))
    assert reader.planned == 3


def test_options_that_differ_each_time_are_no_shape_that_comes_again(codec: PacketCodec) -> None:
    book = LayerBook(codec.registry)
    for number in range(20):
        tcp = TCP(sport=9000 + number, dport=9, options=[("MSS", 1000 + number)])
        assert book.read(Ether, bytes(Ether() / IP() / tcp / Raw(b"abc")))
    assert not book.plans_of(TCP)
