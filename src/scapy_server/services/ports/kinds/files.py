"""Captures that the server plays: only from the directory that the operator named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scapy_server import limits
from scapy_server.captures.erf import ErfPiece
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import capture_of
from scapy_server.captures.records import PacketRecord, Piece
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.errors import ScapyServerError


class NotPlayable(Exception):
    """There is no such capture here, or nothing in it can be sent."""


class Played(NamedTuple):
    """A packet of a capture, and which of two ports it is for: 0 or 1."""

    record: PacketRecord
    side: int


def read_played(directory: str | None, name: str) -> list[Played]:
    """The packets of a capture in a directory that can be sent; raises NotPlayable."""
    if directory is None or "\0" in name:
        raise NotPlayable(name)
    root = Path(directory).resolve()
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path.stat().st_size > limits.PLAYED_BYTES:
            raise NotPlayable(name)
        found = [
            Played(piece.record, _side(piece))
            for piece in capture_of(path.read_bytes()).pieces()
            if piece.record is not None and is_sendable(piece.record)
        ]
        limits.PLAYED_FRAMES.check(len(found))
    except (OSError, ScapyServerError) as error:
        raise NotPlayable(name) from error
    if not found:
        raise NotPlayable(name)
    return found


def is_sendable(record: PacketRecord) -> bool:
    """Whether a packet is a frame of a length that ports send, and was captured whole."""
    length = len(record.data)
    fits = MINIMUM_FRAME_BYTES <= length <= limits.FIELD_ENGINE_FRAME_BYTES
    return fits and record.link_type == ETHERNET and record.problem is None


def _side(piece: Piece) -> int:
    """Of the interface that captured a packet, whether its number is odd."""
    if isinstance(piece, ErfPiece):
        return piece.interface % 2
    name = None if piece.record is None else piece.record.interface
    digits = re.search(r"(\d+)\D*$", name or "0")
    return int(digits[1]) % 2 if digits else 0


def seconds_of(records: Sequence[PacketRecord]) -> list[float]:
    """When each packet was captured, in seconds from the first on."""
    start = records[0].time_ns or 0
    return [((record.time_ns or start) - start) / 1e9 for record in records]
