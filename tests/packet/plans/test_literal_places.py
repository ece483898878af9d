from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.literal_places import NotFound, Pair, places_of
from scapy_server.packet.plans.plan import Plan
from tests.packet.plans.shapes import expression, model_of


def plan_of(codec: PacketCodec, options: str, **fields: Any) -> Plan:
    model = model_of([("IP", {}), ("TCP", {"options": expression(options), **fields})])
    planned = Planner(codec).plan(model)
    assert planned is not None
    return planned.plan


def test_a_number_is_found_in_the_frame_and_wherever_it_is_shown(codec: PacketCodec) -> None:
    one, other = (plan_of(codec, f"[('MSS', {size}), ('NOP', None)]") for size in (1460, 9))
    (place,) = places_of(one, other, [Pair(1, 1460, 9)], 2)
    assert (place.literal, place.starts, place.width) == (1, (42,), 2)
    pieces = other.reply.pieces
    shown = [pieces[spot.piece][spot.start - 2 : spot.stop + 1] for spot in place.spots]
    assert len(shown) > 4
    assert {text[2:-1] for text in shown} == {b"9"}


@pytest.mark.parametrize("width", [1, 4, 8])
def test_a_number_of_another_size_is_not(codec: PacketCodec, width: int) -> None:
    one, other = (plan_of(codec, f"[('MSS', {size}), ('NOP', None)]") for size in (1460, 1400))
    with pytest.raises(NotFound):
        places_of(one, other, [Pair(1, 1460, 1400)], width)


def test_two_of_one_field(codec: PacketCodec) -> None:
    times = [(7, 8), (70000, 9)]
    one, other = (plan_of(codec, f"[('Timestamp', {time}), ('EOL', None)]") for time in times)
    pairs = [Pair(1, 7, 70000), Pair(2, 8, 9)]
    assert [place.starts for place in places_of(one, other, pairs, 4)] == [(42,), (46,)]


def test_what_differs_besides_is_refused(codec: PacketCodec) -> None:
    one = plan_of(codec, "[('MSS', 1460), ('NOP', None)]")
    pair = Pair(1, 1460, 1400)
    for other in (
        plan_of(codec, "[('MSS', 1400), ('EOL', None)]"),
        plan_of(codec, "[('MSS', 1400), ('NOP', None)]", window=5),
        plan_of(codec, "[('MSS', 1401), ('NOP', None)]"),
        plan_of(codec, "[('MSS', 1400), ('NOP', None), ('NOP', None)]"),
    ):
        with pytest.raises(NotFound):
            places_of(one, other, [pair], 2)
    same = replace(one, frame=one.frame)
    with pytest.raises(NotFound):  # shown nowhere, and nowhere in the frame
        places_of(one, same, [pair], 2)


def test_a_text_is_found_in_bytes_too(codec: PacketCodec) -> None:
    plans = []
    for name in ("host1.example", "other.exampl3"):
        question = expression(f"[DNSQR(qname='{name}')]")
        planned = Planner(codec).plan(model_of([("UDP", {}), ("DNS", {"qd": question})]))
        assert planned is not None
        plans.append(planned.plan)
    pair = Pair(0, "host1.example", "other.exampl3")
    (place,) = places_of(plans[0], plans[1], [pair], 1)
    assert place.starts == (21,)
    encoded = [spot for spot in place.spots if spot.is_base64]
    assert [(spot.before, spot.behind) for spot in encoded] == [(b"", b".")]
    assert len(place.spots) > len(encoded)
