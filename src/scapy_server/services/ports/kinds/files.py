"""Captures that the server plays: only from the directory that the operator named."""

from __future__ import annotations

from pathlib import Path

from scapy_server import limits
from scapy_server.captures.reading import capture_of
from scapy_server.captures.records import PacketRecord
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.errors import ScapyServerError


class NotPlayable(Exception):
    """There is no such capture here, or nothing in it can be sent."""


def read_records(directory: str | None, name: str) -> list[PacketRecord]:
    """The packets of a capture in a directory that can be sent; raises NotPlayable."""
    if directory is None or "\0" in name:
        raise NotPlayable(name)
    root = Path(directory).resolve()
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or path.stat().st_size > limits.PLAYED_BYTES:
            raise NotPlayable(name)
        found = [r for r in capture_of(path.read_bytes()).records() if is_sendable(r)]
        limits.PLAYED_FRAMES.check(len(found))
    except (OSError, ScapyServerError) as error:
        raise NotPlayable(name) from error
    if not found:
        raise NotPlayable(name)
    return found


def is_sendable(record: PacketRecord) -> bool:
    """Whether a packet has a length that ports send, and was captured whole."""
    length = len(record.data)
    fits = MINIMUM_FRAME_BYTES <= length <= limits.FIELD_ENGINE_FRAME_BYTES
    return fits and record.problem is None


def seconds_of(records: list[PacketRecord]) -> list[float]:
    """When each packet was captured, in seconds from the first on."""
    start = records[0].time_ns or 0
    return [((record.time_ns or start) - start) / 1e9 for record in records]
