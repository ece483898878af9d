"""`open`: packets and a program from a file on this machine."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

from scapy_server import limits
from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.opening import Reading, is_text, open_text
from scapy_server.desk.profiles import read_profile

_MOST_BYTES = limits.CAPTURE_BYTES


def open_file(seat: Seat, argument: str) -> Answer:
    """Open a capture, a document of the packet editor, a model, a profile, or a text."""
    if not argument:
        raise DeskError("open which file?")
    path = Path(argument).expanduser()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DeskError(f"{path} has more than {_MOST_BYTES} bytes; edit rewrites such files")
        content = path.read_bytes()
    except OSError as error:
        raise DeskError(f"cannot read {path}: {error.strerror or error}") from None
    if is_text(content):
        return seat.take_up(_from_text(seat, path.name, content.decode("utf-8", "replace")))
    reading = Reading(path.name, io.BytesIO(content), _MOST_BYTES)
    document = reading.begin(limits.CAPTURE_PIECES)
    document.origin = partial(io.BytesIO, content)
    notes = () if reading.damage is None else (f"the file ends early: {reading.damage}",)
    return seat.take_up(document, *notes)


def _from_text(seat: Seat, name: str, text: str) -> Document:
    profile = read_profile(name, text)
    return seat.ask(open_text(name, text)) if profile is None else profile


COMMAND = Command(
    "open",
    open_file,
    "Open a capture (pcap, pcapng, ERF, each in gzip too), a .trp document, a .json model, a "
    "profile (.yaml, .json), or bytes in hexadecimal.",
    "FILE",
    ("open trace.pcap",),
    files=True,
)
