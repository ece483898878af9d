"""The long way: the JSON of what was asked for, and the layers that tell the line on a frame."""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.models.model import Model, parse_model
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.long_way import LongWay
from scapy_server.packet.plans.rewrite_planner import RewritePlanner
from scapy_server.packet.tree.field_tree import FieldTree
from tests.packet.plans.shapes import model_of

MODEL = model_of([("Ether", {}), ("IP", {"ttl": 7}), ("UDP", {"sport": 5})])
CHANGES = model_of([("Ether", {}), ("IP", {"ttl": 9})])


class Counting(PacketCodec):
    """Counts how often it goes each way."""

    def __init__(self, codec: PacketCodec) -> None:
        super().__init__(codec.registry)
        self.built_models = self.traced_frames = self.shown = 0

    def built(self, model: Model, link_type: int | None = None) -> FieldTree:
        self.built_models += 1
        return super().built(model, link_type)

    def trace(self, frame: bytes, link_type: int) -> list[TracedLayer]:
        self.traced_frames += 1
        return super().trace(frame, link_type)

    def changed(self, frame: bytes, real: list[TracedLayer], changes: Model) -> FieldTree:
        self.shown += 1
        return super().changed(frame, real, changes)


def frame_of(codec: PacketCodec) -> bytes:
    return codec.place(parse_model(MODEL, codec.registry)).frame


def test_it_gives_the_json_of_what_the_codec_does(codec: PacketCodec) -> None:
    long_way, frame = LongWay(codec), frame_of(codec)
    built = long_way.build(MODEL)
    assert built.json == msgspec.json.encode(built.result)
    assert built.json == msgspec.json.encode(codec.build(parse_model(MODEL, codec.registry)))
    read = long_way.build(MODEL, ETHERNET)
    assert read.json == msgspec.json.encode(codec.build(read.model, ETHERNET))
    changes = parse_model(CHANGES, codec.registry, changing=True)
    changed = long_way.reconstruct(frame, CHANGES)
    assert changed.json == msgspec.json.encode(codec.reconstruct(frame, changes))
    assert changed.tree.layout().frame[22] == 9


def test_a_frame_without_changes_tells_its_line_too(codec: PacketCodec) -> None:
    frame = frame_of(codec)
    found = LongWay(codec).reconstruct(frame, [])
    assert found.real is not None
    assert codec.sum_up(found.real) == codec.summarise(frame)
    assert LongWay(codec).reconstruct(frame, CHANGES).real is None


def records(count: int) -> list[dict[str, Any]]:
    each = "DNSRR(rrname='a.example.',rdata='192.0.2.1')"
    answers = {"vtype": "EXPRESSION", "expr": f"[{','.join([each] * count)}]"}
    return model_of([("Ether", {}), ("IP", {}), ("UDP", {}), ("DNS", {"an": answers})])


def test_its_work_grows_with_what_is_read_and_shown(codec: PacketCodec) -> None:
    long_way = LongWay(codec)
    one, two, three = (long_way.build(records(count)) for count in (1, 2, 3))
    assert one.work + 15 < two.work
    assert two.work + 15 < three.work
    frame = two.tree.layout().frame
    assert long_way.reconstruct(frame, []).work == two.work


def test_what_is_long_gets_no_plan(codec: PacketCodec) -> None:
    """The packet that it would be made with would take too long, all together."""
    long_way = LongWay(codec)
    works = {count: long_way.build(records(count)).work for count in (10, 80)}
    assert works[10] <= limits.PLANNED_WORK < works[80]
    for count, work in works.items():
        model = records(count)
        reached = long_way.build(model)
        frame = reached.tree.layout().frame
        plans = (
            Planner(codec).plan(model),
            Planner(codec).plan(model, reached),
            RewritePlanner(codec).plan(frame, []),
            RewritePlanner(codec).plan(frame, CHANGES),
        )
        assert [plan is not None for plan in plans] == [work <= limits.PLANNED_WORK] * 4


def test_a_plan_of_what_was_reached_goes_the_long_way_once_more(codec: PacketCodec) -> None:
    """With other bytes throughout: what was reached is not reached again."""
    frame = frame_of(codec)
    nothing: list[Any] = []
    for changes in (nothing, CHANGES):
        reached = LongWay(codec).reconstruct(frame, changes)
        counting = Counting(codec)
        assert RewritePlanner(counting).plan(frame, changes, reached) is not None
        assert (counting.traced_frames, counting.shown) == (1, 1)
    counting = Counting(codec)
    assert Planner(counting).plan(MODEL, LongWay(codec).build(MODEL)) is not None
    assert counting.built_models == 1
