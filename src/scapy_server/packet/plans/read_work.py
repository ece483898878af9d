"""What it takes to read a frame the long way, as about so many fields.

It is told from the JSON that shows the frame, so that equal frames are as much work whether or not
they were read by a plan.
"""

from __future__ import annotations

#: What each shown field has in its JSON, and no text can have, as quotes are escaped in it.
FIELD = b'"bit_offset":'
#: What stands before the parts of a field.
_PARTS = b'"parts":['
#: What stands before the layers of a line, and between them.
_LAYERS, _NEXT_LAYER = b'"layers":[', b'","'
#: A layer of a line takes as long to be read as so many fields do to be read and shown, and a
#: field that holds others as long as so many more: its text is written, too.
_FIELDS_OF_A_LAYER, _FIELDS_OF_PARTS = 6, 16


def work_of_tree(json: bytes) -> int:
    """What it takes to read a frame, or a layer, and to show its fields."""
    return json.count(FIELD) + _FIELDS_OF_PARTS * json.count(_PARTS)


def work_of_line(json: bytes) -> int:
    """What it takes to read a frame for its line."""
    return _FIELDS_OF_A_LAYER * (json.count(_NEXT_LAYER, json.rindex(_LAYERS)) + 1)
