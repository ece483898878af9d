"""What a function looks at, told by what its code names."""

from __future__ import annotations

import struct
from collections.abc import Callable
from os import getpid
from typing import Any

import pytest

from scapy_server.packet.layers.methods import speaks_of_fields, stores

_NAMES = frozenset({"getfieldval"})
_TABLE = {1: 2}
_KEPT: list[Any] = []


def _half(number: int) -> int:
    return number // 2


def _says(packet: Any) -> Any:
    return [packet.length + each for each in (_half(packet.getfieldval("size")), _TABLE[1])]


def _packs(packet: Any, data: bytes) -> Any:
    return struct.pack("!H", len(data)) if packet.kind in _TABLE else data


def _reads_bytes(packet: Any) -> Any:
    return packet.original


def _keeps(packet: Any) -> Any:
    _KEPT[0] = packet.length
    return 0


def _grows(packet: Any) -> Any:
    return _KEPT.append(packet.length)


def _imports(packet: Any) -> Any:
    import time  # noqa: PLC0415

    return time


def _asks_others(packet: Any) -> Any:
    return getpid()


def _deep(packet: Any) -> Any:
    return _imports(packet)


def _closes() -> Callable[[Any], Any]:
    seen: list[Any] = []
    return lambda packet: seen


@pytest.mark.parametrize("function", [_says, _packs, lambda packet: packet.length > 8])
def test_functions_that_look_at_fields_alone(function: Callable[..., Any]) -> None:
    assert speaks_of_fields(function, _NAMES)


@pytest.mark.parametrize(
    "function", [_reads_bytes, _keeps, _grows, _imports, _asks_others, _deep, _closes(), len, None]
)
def test_functions_that_may_do_more(function: Any) -> None:
    assert not speaks_of_fields(function, _NAMES)


def test_names_of_packets_are_for_those_who_allow_them() -> None:
    assert speaks_of_fields(_reads_bytes, frozenset({"original"}))


def test_what_is_kept() -> None:
    assert stores(_keeps)
    assert not stores(_says)
