from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.zmtp.commands import command, metadata, parse, properties
from scapy_server.transport.zmtp.frames import ProtocolError


def test_a_command_is_a_frame() -> None:
    assert command(b"READY", b"x") == b"\x04\x07\x05READYx"


def test_names_of_properties_are_compared_without_case() -> None:
    told = properties(b"\x0bSOCKET-type\0\0\0\x03REQ\x08Identity\0\0\0\x02id")
    assert told == {b"socket-type": b"REQ", b"identity": b"id"}


def test_what_this_side_tells_can_be_read() -> None:
    assert properties(metadata(b"ROUTER")) == {b"socket-type": b"ROUTER", b"identity": b""}


@pytest.mark.parametrize("body", [b"", b"\0", b"\x05READ", b"\xff"])
def test_a_command_without_a_name(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(body)


@given(st.binary(max_size=40))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    for read in (parse, properties):
        try:
            read(data)
        except ProtocolError as error:
            assert error.kind == "handshake"
