from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.packet.plans.book import PlanBook
from scapy_server.packet.plans.kept import BuildPlan, Learned, RewritePlan
from tests.packet.plans.shapes import codec_binary, model_of

_handed_over = msgspec.msgpack.Decoder(Learned)


def tcp(ttl: int, **fields: Any) -> Any:
    return model_of([("Ether", {}), ("IP", {"ttl": ttl, "src": "1.2.3.4"}), ("TCP", fields)])


def test_what_was_learnt_is_of_use_to_another_process(codec: PacketCodec) -> None:
    builder, other = PacketBuilder(codec), PlanBook()
    for _ in range(2):
        built = builder.build(tcp(7, flags="SA", sport="0x400"))
    other.learn(_handed_over.decode(msgspec.msgpack.encode(built.learned)))
    assert builder.build(tcp(7, flags="SA", sport="0x400")).learned is None
    assert other.built(tcp(7, flags="SA", sport="0x400")) == built.json
    assert other.built(tcp(9, flags="S", sport=9)) == builder.build_long(tcp(9, flags="S", sport=9))
    frame = base64.b64decode(codec_binary(built.json))
    changed = builder.reconstruct(frame, tcp(3))
    other.learn(_handed_over.decode(msgspec.msgpack.encode(changed.learned)))
    assert other.rewritten(frame, tcp(3)) == changed.json
    assert other.rewritten(frame[:-1] + b"\1", tcp(4)) is not None
    assert other.rewritten(frame + b"\0", tcp(3)) is None


def test_plans_are_made_for_what_comes_again(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    assert builder.build(tcp(1)).learned is None
    assert builder.build(tcp(2)).learned is not None


def test_an_edit_and_what_is_written_at_length_are_planned_at_once(codec: PacketCodec) -> None:
    """But not each of many with other values that are not plain."""
    builder = PacketBuilder(codec)

    def dns(name: str) -> Any:
        question = {"vtype": "EXPRESSION", "expr": f"[DNSQR(qname={name!r})]"}
        return [{"id": "IP"}, {"id": "UDP"}, *model_of([("DNS", {"id": 5, "qd": question})])]

    assert builder.build(dns("one.example")).learned is not None
    assert builder.plans.built(dns("one.example")) is not None
    assert builder.plans.built(dns("three.example")) is None
    assert builder.build(dns("three.example")).learned is None
    assert builder.build(dns("three.example")).learned is not None


def test_a_shape_that_cannot_be_planned_is_not_tried_for_ever() -> None:
    book = PlanBook()
    wanted = [book.wants_build(tcp(1)) for _ in range(limits.PLAN_MISSES * 2)]
    tried = [attempt for attempt, want in enumerate(wanted, 1) if want]
    assert tried == [1 << power for power in range(1, limits.PLAN_MISSES.bit_length())]
    assert tried[-1] == limits.PLAN_MISSES
    assert [book.wants_rewrite(b"frame", []) for _ in range(2)] == [False, True]
    assert not book.wants_rewrite(bytes(limits.PLANNED_FRAME_BYTES + 1), tcp(1))


@pytest.fixture
def learned(codec: PacketCodec) -> BuildPlan:
    """A plan for `tcp`."""
    builder = PacketBuilder(codec)
    plans = [builder.build(tcp(1)).learned for _ in range(2)]
    assert isinstance(plans[1], BuildPlan)
    return plans[1]


@pytest.fixture
def bare(codec: PacketCodec) -> BuildPlan:
    """A plan for models without given values."""
    builder = PacketBuilder(codec)
    plans = [builder.build([{"id": "IP"}]).learned for _ in range(2)]
    assert isinstance(plans[1], BuildPlan)
    return plans[1]


@pytest.fixture
def changing(codec: PacketCodec) -> RewritePlan:
    """A plan for frames as `tcp` builds them, without changes."""
    builder = PacketBuilder(codec)
    frame = base64.b64decode(codec_binary(builder.build(tcp(1)).json))
    plans = [builder.reconstruct(frame, []).learned for _ in range(2)]
    assert isinstance(plans[1], RewritePlan)
    return plans[1]


def of_shape(plan: BuildPlan | RewritePlan, number: int) -> Learned:
    """As if the plan had been made for another shape, for which the same answer is right."""
    return msgspec.structs.replace(plan, key=(f"layer {number}",))


def answers(book: PlanBook, number: int, frame: bytes = b"") -> bool:
    """Whether there is a plan for a shape of `of_shape`, which is looked up, and so used."""
    model = [{"id": f"layer {number}"}]
    return (book.rewritten(frame, model) if frame else book.built(model)) is not None


@pytest.mark.parametrize("more", [0, 1])
def test_the_shapes_are_bounded(bare: BuildPlan, changing: RewritePlan, more: int) -> None:
    """Those of models and those of changes; the longest unused goes."""
    book, frame = PlanBook(), changing.plan.structure
    for number in range(limits.PLANNED_SHAPES + more):
        book.learn(of_shape(bare, number))
        book.learn(of_shape(changing, number))
    assert answers(book, 0) == answers(book, 0, frame) == (not more)
    assert answers(book, 1) and answers(book, 1, frame)


@pytest.mark.parametrize("more", [0, 1])
def test_the_plans_of_a_shape_are_bounded(
    learned: BuildPlan, changing: RewritePlan, more: int
) -> None:
    book = PlanBook()
    key = changing.key
    for number in range(limits.PLANS_OF_A_SHAPE + more):
        book.learn(msgspec.structs.replace(learned, fixed=(0,), given=[number, "1.2.3.4"]))
        structure = bytes([number]) + changing.plan.structure[1:]
        mask = b"\xff" + changing.plan.mask[1:]
        plan = msgspec.structs.replace(changing.plan, structure=structure, mask=mask)
        book.learn(RewritePlan(key, plan))
    assert (book.built(tcp(0)) is None) == bool(more)
    frame = changing.plan.structure
    assert (book.rewritten(b"\0" + frame[1:], []) is None) == bool(more)
    assert book.built(tcp(1)) is not None
    assert book.rewritten(b"\1" + frame[1:], []) is not None


@pytest.mark.parametrize("more", [0, 1])
def test_the_bytes_of_plans_are_bounded(
    bare: BuildPlan, changing: RewritePlan, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.PLANNED_BYTES > limits.PLANNED_FRAME_BYTES * 8
    for plan, frame in ((bare, b""), (changing, changing.plan.structure)):
        bound = 3 * plan.plan.size - more
        monkeypatch.setattr(limits, "PLANNED_BYTES", Limit(bound, "bytes", "the plans"))
        book = PlanBook()
        for number in range(3):
            book.learn(of_shape(plan, number))
        assert answers(book, 0, frame) == (not more)
        assert answers(book, 1, frame)
        assert answers(book, 2, frame)


def test_what_a_plan_takes(learned: BuildPlan, changing: RewritePlan) -> None:
    """Not less than what is handed over of it."""
    for plan in (learned, changing):
        assert len(msgspec.msgpack.encode(plan)) < plan.plan.size < 1 << 14


def test_a_long_packet_is_not_planned(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for size in (limits.PLANNED_FRAME_BYTES - 34, limits.PLANNED_FRAME_BYTES - 33):
        model = model_of([("Ether", {}), ("IP", {}), ("Raw", {"load": "x" * size})])
        for _ in range(3):
            builder.build(model)
        planned = builder.plans.built(model) is not None
        assert planned == (size + 34 <= limits.PLANNED_FRAME_BYTES)
