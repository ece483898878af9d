"""Captures read for playing: packets with their times."""

from __future__ import annotations

from pathlib import Path

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import Capture
from scapy_server.errors import RefusedError, located
from scapy_server.streams.documents.capture_profile import Playing, capture_document
from scapy_server.streams.documents.entries import ProfileDocument

MICROSECOND = 1000


def play_capture(path: Path, playing: Playing) -> ProfileDocument:
    """The streams that play a capture file; raises RefusedError, by packet."""
    packets: list[tuple[bytes, float]] = []
    try:
        with path.open("rb") as file, located(str(path)):
            capture = Capture(file, int(limits.CAPTURE_BYTES))
            for record in capture.records():
                limits.PORT_STREAMS.check(record.number)
                problem = record.problem
                if record.link_type != ETHERNET:
                    problem = f"its link type is {record.link_type}, and Ethernet is sent"
                if problem:
                    raise RefusedError(f"packet {record.number}: {problem}")
                packets.append((record.data, (record.time_ns or 0) / MICROSECOND))
            if capture.damage:
                raise RefusedError(capture.damage)
            return capture_document(packets, playing)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None
