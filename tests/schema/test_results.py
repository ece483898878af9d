from __future__ import annotations

import msgspec
import pytest

from scapy_server.schema.results import FieldResult, LayerResult, PacketResult

TTL = FieldResult("ttl", 64, "64", offset=8, length=1, bit_offset=64, bit_length=8)


def test_the_members_are_those_of_the_document() -> None:
    layer = LayerResult("IP", "IP", 14, "IP", True, [TTL])
    assert msgspec.to_builtins(PacketResult([layer], "AAAA")) == {
        "binary": "AAAA",
        "data": [
            {
                "id": "IP",
                "name": "IP",
                "offset": 14,
                "real_id": "IP",
                "valid_structure": True,
                "fields": [
                    {
                        "id": "ttl",
                        "value": 64,
                        "hvalue": "64",
                        "offset": 8,
                        "length": 1,
                        "bit_offset": 64,
                        "bit_length": 8,
                    }
                ],
            }
        ],
    }


def test_only_what_is_ignored_says_so() -> None:
    ignored = msgspec.structs.replace(TTL, ignored=True)
    assert msgspec.to_builtins(ignored)["ignored"] is True
    assert "ignored" not in msgspec.to_builtins(TTL)


def test_nothing_left_is_null() -> None:
    assert msgspec.json.encode(PacketResult([], None)) == b'{"data":[],"binary":null}'


def test_values_as_python_has_them() -> None:
    load = FieldResult("load", {"vtype": "BYTES", "base64": "AAE="}, "<binary>", 0, 2, 0, 16)
    options = FieldResult("options", {"vtype": "EXPRESSION", "expr": "[]"}, "[]", 0, 2, 0, 0)
    layer = LayerResult("IP", "IP", 14, "IP", True, [TTL, load, options])
    assert [layer[name] for name in ("ttl", "load", "options")] == [64, b"\0\1", "[]"]
    assert layer.field("ttl") is TTL
    with pytest.raises(KeyError, match="IP has no field 'tos'; it has ttl, load, options"):
        layer["tos"]
