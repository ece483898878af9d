"""A capture file written again, part by part, with the packets of it that were edited.

Every byte of it stays but those of packets that were edited or taken out: what stands between
packets, and how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import BinaryIO

from scapy_server.captures.reading import Capture
from scapy_server.captures.records import Piece
from scapy_server.errors import RefusedError, located

#: Opens a capture file as it was when it was read; None where it is there no more.
Origin = Callable[[], BinaryIO | None]


class Copying:
    """A capture in its own bytes, written part by part.

    `changed` are the bytes of packets that were edited, `gone` the packets that were taken
    out, both by their numbers in the file. Raises RefusedError, located, for what the format
    cannot hold.
    """

    def __init__(self, file: BinaryIO, changed: Mapping[int, bytes], gone: Collection[int]) -> None:
        self._file = file
        self._changed = changed
        self._gone = gone
        self._pieces = Capture(file).pieces()
        self._parts: list[bytes] = []

    def go_on(self, most: int) -> bool:
        """Write the next packets, at most so many; whether there may be more."""
        pieces = list(islice(self._pieces, most))
        self._parts += map(self._written, pieces)
        return len(pieces) == most

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    def content(self) -> bytes:
        """What has been written."""
        return b"".join(self._parts)

    def _written(self, piece: Piece) -> bytes:
        record = piece.record
        if record is None:
            return piece.raw
        if record.number in self._gone:
            return b""
        data = self._changed.get(record.number)
        if data is None:
            return piece.raw
        with located(f"packet {record.number}"):
            return piece.rewritten(record.with_data(data))


def format_of(origin: Origin | None) -> str | None:
    """The ending of files of the format of a capture; None where there is none."""
    file = None if origin is None else origin()
    if file is None:
        return None
    with file:
        try:
            return Capture(file).format
        except RefusedError:
            return None
