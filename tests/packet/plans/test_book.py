from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans import book as plan_book
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.packet.plans.book import Learned, PlanBook, shape_of
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
    assert builder.plans.built(dns("two.example")) is None
    assert builder.build(dns("two.example")).learned is None
    assert builder.build(dns("two.example")).learned is not None


def test_a_shape_that_cannot_be_planned_is_not_tried_for_ever() -> None:
    book = PlanBook()
    wanted = [book.wants_build(tcp(1)) for _ in range(plan_book.MAX_ATTEMPTS + 5)]
    tried = [attempt for attempt, want in enumerate(wanted, 1) if want]
    assert tried == [1 << power for power in range(1, plan_book.MAX_ATTEMPTS.bit_length())]
    assert [book.wants_rewrite(b"frame", []) for _ in range(2)] == [False, True]
    assert not book.wants_rewrite(bytes(plan_book.MAX_FRAME_BYTES + 1), tcp(1))


def test_the_book_is_bounded(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for _ in range(2):
        learned = builder.build(tcp(1)).learned
    assert learned is not None
    for number in range(plan_book.MAX_SHAPES):
        builder.plans.learn(msgspec.structs.replace(learned, key=(f"layer {number}",)))
    assert builder.plans.built(tcp(1)) is None


def test_a_long_packet_is_not_planned(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)
    for size in (plan_book.MAX_FRAME_BYTES - 34, plan_book.MAX_FRAME_BYTES - 33):
        model = model_of([("Ether", {}), ("IP", {}), ("Raw", {"load": "x" * size})])
        for _ in range(3):
            builder.build(model)
        planned = builder.plans.built(model) is not None
        assert planned == (size + 34 <= plan_book.MAX_FRAME_BYTES)


@pytest.mark.parametrize(
    "model",
    [
        None,
        {},
        [[]],
        [{"id": 5}],
        [{"id": "IP", "fields": ""}],
        [{"id": "IP", "fields": {}}],
        [{"id": "IP", "fields": [5]}],
        [{"id": "IP", "fields": [{"id": "ttl"}]}],
        [{"id": "IP", "fields": [{"id": ["ttl"], "value": 5}]}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": 5, "valeu": 6}]}],
        [{"id": "IP", "delete": True}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": {"vtype": "RANDOM"}}]}],
    ],
)
def test_what_takes_the_long_way_has_no_shape(model: Any) -> None:
    assert shape_of(model) is None
