"""A packet with its program, as the methods and the command line have them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.errors import InvalidParams, RefusedError, ScapyServerError
from scapy_server.services.packets.core import Core
from scapy_server.streams.sources.prepared import described, prepare

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]
FRAME = bytes(12) + b"\x08\x00" + bytes(46)
VM: dict[str, Any] = {"instructions": []}
PROGRAM = {
    "instructions": [
        {"id": "STLVmFlowVar", "parameters": {"name": "ttl", "size": "1", "max_value": "9"}},
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl", "pkt_offset": "IP.ttl"}},
    ]
}


def test_a_program_that_is_compiled(core: Core) -> None:
    prepared = prepare(core.codec, MODEL, {"field_engine": PROGRAM})
    assert prepared.compiled is not None
    assert prepared.vm["instructions"][1]["pkt_offset"] == 14 + 8
    assert [warning.code for warning in prepared.warnings] == ["ipv4_checksum"]


def test_a_compiled_program_and_none(core: Core) -> None:
    assert prepare(core.codec, MODEL, {"vm": VM}).vm is VM
    assert prepare(core.codec, MODEL, {"vm": None}).vm == {}
    assert prepare(core.codec, MODEL, None).compiled is None


def test_bytes_with_the_layers_that_are_in_them(core: Core) -> None:
    source = {"binary": base64.b64encode(FRAME).decode()}
    packet = prepare(core.codec, source, None).packet
    assert packet.frame == FRAME
    assert packet.layers == described(core.codec, FRAME).layers
    assert packet.layers[0].id == "Ether"


@pytest.mark.parametrize(
    ("source", "program", "error", "problem"),
    [
        (1, None, InvalidParams, "source must be a packet model"),
        ({"binary": "?"}, None, RefusedError, "source: "),
        ({"binary": ""}, None, RefusedError, "an empty packet"),
        ([{"id": "NoSuch"}], None, RefusedError, "NoSuch"),
        (MODEL, {}, InvalidParams, "program must be"),
        (MODEL, {"vm": VM, "field_engine": PROGRAM}, InvalidParams, "program must be"),
        (MODEL, {"vm": VM, "more": 1}, RefusedError, "more"),
        (
            MODEL,
            {"field_engine": {"instructions": [{"id": "STLVmFixIpv4", "parameters": {}}]}},
            RefusedError,
            "offset",
        ),
    ],
)
def test_refusals(
    source: object, program: object, error: type[ScapyServerError], problem: str, core: Core
) -> None:
    with pytest.raises(error) as refused:
        prepare(core.codec, source, program)
    assert problem in refused.value.detail
