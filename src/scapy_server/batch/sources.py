"""What the commands for packets take for a SOURCE.

| written | is |
|---|---|
| `-` | what stands on standard input |
| `@file`, or the name of a file | what stands in the file |
| `trace.pcap:5`, `trace.pcap:5..9` | packets of a capture, numbered from 1 |
| `[…]` or `{…}` | a packet model, or a document of the packet editor |
| digits in hexadecimal | the bytes of a frame |
| text with a bracket | a Scapy expression |
| any other | the id of a template |

A file, and standard input, hold a capture or any of these texts, told apart by what they
begin with.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from scapy_server import limits
from scapy_server.batch.answering import Answerer
from scapy_server.captures.reading import Capture, is_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.source import Readable
from scapy_server.catalog.templates import Templates
from scapy_server.desk.document import Document
from scapy_server.desk.opening import is_text, open_text
from scapy_server.errors import RefusedError, located, shown

_NUMBERED = re.compile(r"(.+):([0-9]{1,12})(?:\.\.([0-9]{1,12}))?\Z", re.DOTALL)
_CAPTURE_ENDINGS = {".pcap", ".pcapng", ".cap", ".erf"}
_START_BYTES = 16 * 1024


@dataclass(frozen=True)
class CaptureSource:
    """A capture, or some of its packets: those from `first` to `last`, counted from 1.

    `path` is None for one that is read from a stream, which `opened` gives once.
    """

    name: str
    opened: Callable[[], AbstractContextManager[Readable]]
    path: Path | None = None
    first: int = 1
    last: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the capture is meant."""
        return self.first == 1 and self.last is None

    def records(self) -> Iterator[PacketRecord]:
        """The packets; RefusedError for what is no capture, has no such packet or is damaged."""
        with located(self.name), self.opened() as file:
            capture = Capture(file)
            number = 0
            for record in takewhile(self._is_before_end, capture.records()):
                number = record.number
                if number >= self.first:
                    yield record
            if capture.damage:
                raise RefusedError(f"{capture.damage}, after {number} packets")
            if self.last is not None and number < self.last:
                raise RefusedError(
                    f"the capture ends with packet {number}; there is no {self.last}"
                )

    def _is_before_end(self, record: PacketRecord) -> bool:
        return self.last is None or record.number <= self.last


def read_source(
    text: str, stdin: Callable[[], BinaryIO], answer: Answerer, templates: Templates
) -> Document | CaptureSource:
    """What a SOURCE stands for: one packet as a document, or a capture.

    Raises RefusedError or DeskError for what is none.
    """
    if not text.strip():
        raise RefusedError("the source is empty; give an expression, a file or a template's id")
    if text == "-":
        return _of_stream("standard input", stdin(), answer)
    path = Path(text.removeprefix("@"))
    if text.startswith("@") or _is_file(path):
        return _of_file(path, answer)
    numbered = _NUMBERED.match(text)
    if numbered is not None and _is_file(Path(numbered[1])):
        return _numbered(Path(numbered[1]), int(numbered[2]), int(numbered[3] or numbered[2]))
    if path.is_dir():
        raise RefusedError(f"{text} is a directory; edit takes one, with -o another directory")
    if _is_written_out(text):
        return answer.run(open_text("the packet", text))
    before, colon, which = text.rpartition(":")
    if colon and numbered is None and _is_file(Path(before)):
        raise RefusedError(f"{before}: packets are named 5 or 5..9, not {shown(which)}")
    content = templates.named(text if numbered is None else numbered[1])
    return answer.run(open_text(text, content.decode()))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or path.is_fifo()
    except (OSError, ValueError):  # a text too long, or with a zero in it, to be a name
        return False


def _is_written_out(text: str) -> bool:
    """Whether it is a model, an expression or bytes, and not the name of one."""
    stripped = text.strip()
    if not stripped or stripped[0] in "[{" or "(" in stripped:
        return True
    digits = re.sub(r"0[xX]|[\s:,]", "", stripped)
    return bool(re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits))


def _numbered(path: Path, first: int, last: int) -> CaptureSource:
    if not 1 <= first <= last:
        raise RefusedError(f"packets are numbered from 1 on, so {first}..{last} is none of them")
    name = f"{path}:{first}" if first == last else f"{path}:{first}..{last}"
    return CaptureSource(name, lambda: path.open("rb"), None, first, last)


def _of_file(path: Path, answer: Answerer) -> Document | CaptureSource:
    try:
        with path.open("rb") as file:
            if not path.is_file():  # a pipe, which is there once
                return _of_stream(str(path), io.BytesIO(file.read()), answer)
            start = file.read(_START_BYTES)
            if is_capture(start):
                return CaptureSource(str(path), lambda: path.open("rb"), path)
            return _of_text(str(path), start, file, answer)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None


def _of_stream(name: str, stream: BinaryIO, answer: Answerer) -> Document | CaptureSource:
    start = stream.read(_START_BYTES)
    if is_capture(start):
        return CaptureSource(name, lambda: nullcontext(_Resumed(start, stream)))
    return _of_text(name, start, stream, answer)


def _of_text(name: str, start: bytes, rest: BinaryIO, answer: Answerer) -> Document:
    content = start + rest.read(int(limits.SOURCE_BYTES) + 1)
    limits.SOURCE_BYTES.check(len(content))
    if not is_text(content):
        raise RefusedError(f"{name} is neither a capture nor a text")
    if content and Path(name).suffix.lower() in _CAPTURE_ENDINGS:
        raise RefusedError(f"{name} is no capture; it begins with {shown(content[:16])}")
    with located(name):
        return answer.run(open_text(name, content.decode("utf-8", "replace")))


class _Resumed:
    """A stream of which the start has been read, read from its start."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = start
        self._stream = stream

    def read(self, count: int) -> bytes:
        data, self._start = self._start[:count], self._start[count:]
        return data + self._stream.read(count - len(data)) if len(data) < count else data
