"""What it takes to read a frame the long way, as about so many fields.

It is told from what is shown, and from what was read where that does not show, so that equal
frames are as much work whether or not they were read by a plan.

Source: docs/captures.md, "Reading in parts".
"""

from __future__ import annotations

from collections.abc import Iterable

from scapy_server.packet.frames.tracer import TracedLayer

#: What each shown field has in its JSON, and each record, and no text can have, as quotes are
#: escaped in it.
FIELD, _RECORD = b'"bit_offset":', b'"layer":"'
#: A layer takes as long to be read for a line as so many fields do to be read and shown.
_FIELDS_OF_A_LAYER = 8
#: So do a record that is read, and one that is shown, besides its fields.
_FIELDS_OF_A_RECORD, _FIELDS_OF_A_SHOWN_RECORD = 4, 8
#: What was read of bytes that tell no place is read once more to be shown.
_TIMES_TO_SHOW = 2
#: So does a field of what the fields of layers hold, to be written as an expression.
_FIELDS_OF_A_WRITTEN = 4


def work_of_tree(json: bytes, layers: Iterable[TracedLayer], written: int) -> int:
    """What it takes to read and show layers, of which the JSON is given, and how many fields of
    what their own fields hold were written."""
    work = json.count(FIELD) + _FIELDS_OF_A_SHOWN_RECORD * json.count(_RECORD)
    work += _FIELDS_OF_A_WRITTEN * written
    for traced in layers:
        work += _TIMES_TO_SHOW * traced.within.plain + traced.spent
    return work


def work_of_line(layers: Iterable[TracedLayer]) -> int:
    """What it takes to read layers for the line on a frame."""
    work = 0
    for traced in layers:
        records, fields, plain = traced.within
        work += _FIELDS_OF_A_LAYER + _FIELDS_OF_A_RECORD * records + fields + plain
        work += traced.spent
    return work
