"""Which layers have plans."""

from __future__ import annotations

from typing import Any

import pytest
from scapy import fields as sf
from scapy.contrib.gtp import GTPHeader
from scapy.layers.inet import IP, UDP
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.layer_planner import LayerPlanner
from scapy_server.packet.plans.layers.planned_layer import Given, PlannedLayer


class _LooksBelow(Packet):
    fields_desc = [  # noqa: RUF012 (as Scapy's classes are written)
        sf.ConditionalField(sf.ByteField("a", 0), lambda p: bool(p.underlayer)),
        sf.ByteField("b", 0),
    ]


class _CountsFromTheEnd(Packet):
    fields_desc = [  # noqa: RUF012
        sf.ByteField("size", 0),
        sf.StrLenField("text", b"", length_from=lambda p: p.size - 4),
        sf.ByteField("last", 0),
    ]


class _LooksAhead(Packet):
    fields_desc = [  # noqa: RUF012
        sf.ByteField("a", 0),
        sf.ConditionalField(sf.ByteField("b", 0), lambda p: p.original[1:2] == b"\1"),
    ]


class _Plain(Packet):
    fields_desc = [sf.ByteField("a", 0), sf.ByteEnumField("b", 0, {1: "one"})]  # noqa: RUF012


def plan(registry: Registry, cls: type[Packet], data: bytes) -> PlannedLayer | None:
    return LayerPlanner(registry).plan(Given(cls, data, 0, len(data)))


def test_a_plain_layer_has_one(registry: Registry) -> None:
    made = plan(registry, _Plain, b"\1\2abc")
    assert made is not None
    assert b'"value":1,"hvalue":"one"' in made.plan.show(b"\0\1", 0, 2)
    assert plan(registry, Raw, b"abc") and plan(registry, UDP, bytes(12))


@pytest.mark.parametrize(
    ("cls", "data"),
    [
        (_LooksBelow, b"\1\2\3"),
        (_CountsFromTheEnd, b"\1abcdef"),
        (_CountsFromTheEnd, b"\1ab"),
        (GTPHeader, bytes(GTPHeader())[:4]),
    ],
)
def test_one_that_looks_at_what_is_around_it_has_none(
    registry: Registry, cls: type[Packet], data: bytes
) -> None:
    try:
        assert plan(registry, cls, data) is None
    except Exception as error:  # as Scapy's classes do with bytes that do not suit them
        assert cls is GTPHeader, error


def test_a_field_that_the_payload_gives_a_value_is_left_to_the_long_way(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[Any, set[str]] = {_LooksAhead: {"b"}}
    monkeypatch.setitem(registry.__dict__, "_given_below", given)
    assert plan(registry, _LooksAhead, b"\0\0\0") is None
    assert list(registry.given_below(IP)) and not any(registry.given_below(IP))
