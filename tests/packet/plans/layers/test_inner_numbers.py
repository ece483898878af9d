"""Numbers among the parts of a field: which they are, and where they stand in the JSON."""

from __future__ import annotations

import msgspec
import pytest
from scapy.layers.inet import TCP

from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.inner_numbers import (
    cut_at_marks,
    inner_numbers,
    marks,
    with_marks,
)
from scapy_server.packet.plans.slots import NumberSlot
from scapy_server.packet.tree.layer_fields import LayerFields
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult, PartResult


def options_of(header: bytes, registry: Registry) -> FieldResult:
    traced = trace_layer(TCP, header, 0, None)[0]
    fields = LayerFields(traced, header, registry, PartTree(registry)).all()
    return next(field for field in fields if field.id == "options")


def test_the_numbers_of_options_are_found_where_they_stand(registry: Registry) -> None:
    options = [("MSS", 1460), ("Timestamp", (5, 6)), ("SAck", (7, 8, 9, 10))]
    header = bytes(TCP(options=options))
    found = inner_numbers(options_of(header, registry), header)
    assert [int.from_bytes(header[slot.start : slot.stop], "big") for slot in found] == [
        *range(5, 11)
    ]
    assert [slot.start for slot in found] == [26, 30, 36, 40, 44, 48]  # MSS is too short


@pytest.mark.parametrize(
    ("expression", "bits"),
    [("(5, 7)", 64), ("(5, 6)", 48), ("(5, 6, 7)", 64), ("(5, 'a')", 64), ("[5, 6]", 64)],
)
def test_what_does_not_stand_there_as_numbers_is_none(expression: str, bits: int) -> None:
    value = {"vtype": "EXPRESSION", "expr": expression}
    member = FieldResult("value", value, "", 0, bits // 8, 0, bits)
    part = PartResult("[0]", "", 0, 8, 0, 64, [member])
    field = FieldResult("options", 0, "", 0, 8, 0, 64, parts=[part])
    assert inner_numbers(field, b"\0\0\0\5\0\0\0\6") == []
    packet = msgspec.structs.replace(part, layer="IP")
    assert inner_numbers(msgspec.structs.replace(field, parts=[packet]), bytes(8)) == []


def test_json_is_cut_at_the_marks(registry: Registry) -> None:
    header = bytes(TCP(options=[("Timestamp", (5, 6))]))
    slots: list[NumberSlot] = inner_numbers(options_of(header, registry), header)
    marked = with_marks(header, slots)
    first, second = marks(slots)
    assert trace_layer(TCP, marked, 0, None)[0].packet.options[0] == ("Timestamp", (first, second))
    pieces = b"a(%d, %d)b" % (first, second), b"9%d[%d]" % (first, second)
    cut, order = cut_at_marks(pieces, [3], slots, [11, 13])
    assert cut == (b"a(", b", ", b")b", b"9%d[" % first, b"]")
    assert order == (11, 13, 3, 13)
