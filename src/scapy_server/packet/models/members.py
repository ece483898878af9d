"""The members that the objects of a packet model may have: plain data, without Scapy.

Those that clients send and that mean nothing are known too: clients send back what they were
given, layers and fields of results, as the models of their next requests. Any other member is
a misspelt one and refused.

Source: docs/clients.md, "Members that are sent and not used".
"""

from __future__ import annotations

LAYER = ("id", "fields", "delete")
FIELD = ("id", "value", "delete", "insert")
VALUE = (
    "vtype",
    "value",
    "expr",
    "base64",
    "generate",
    "size",
    "total_size",
    "seed",
    "template_base64",
    "template_code",
)

#: What layers and fields of results have besides.
LAYER_OF_RESULT = ("name", "offset", "real_id", "valid_structure", "rebuilt", "problem")
FIELD_OF_RESULT = (
    "hvalue",
    "offset",
    "length",
    "bit_offset",
    "bit_length",
    "ignored",
    "unplaced",
    "parts",
)

LAYER_MEMBERS = frozenset((*LAYER, *LAYER_OF_RESULT))
FIELD_MEMBERS = frozenset((*FIELD, *FIELD_OF_RESULT))
VALUE_MEMBERS = frozenset(VALUE)
