"""A document as the bytes of a file, in the form that the file's ending names.

What a form cannot hold is said beside the bytes, and never dropped without a word.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from scapy_server.captures.copying import Copying, format_of
from scapy_server.captures.link_types import LINK_TYPES, first_layer_ids
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import (
    PcapngWriter,
    RecordWriter,
    pcap_writer,
    plain_record,
)
from scapy_server.desk import code
from scapy_server.desk.document import Document
from scapy_server.desk.editing import looked_at, whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import ETHERNET, Packet
from scapy_server.desk.questions import Asking
from scapy_server.errors import ScapyServerError, located

#: Raw IP by its usual number, before those that some systems wrote for it.
_RAW = (101,)
_GZIP = ".gz"
#: So many packets are written in one go where nobody else waits.
_AT_ONCE = 1 << 16
_BESIDE = (
    "packets were added or moved, so the file is written anew: what it held beside packets, as "
    "statistics and names, is not in it"
)


@dataclass(frozen=True)
class Saved:
    """The bytes of a file, and in sentences what of the document they do not hold."""

    content: bytes
    losses: tuple[str, ...] = ()


def save(document: Document, ending: str, whole: bool = True) -> Asking[Saved]:
    """The document in a form, by an ending such as `.pcap`; one packet if not `whole`.

    Behind that of a capture may stand `.gz`. Raises DeskError for an ending that is none, or a
    document that the form cannot hold.
    """
    plain = ending.lower().removesuffix(_GZIP)
    packed = plain != ending.lower()
    form = FORMS.get(plain)
    if form is None or (packed and plain not in CAPTURES):
        endings = ", ".join(endings_for(document))
        raise DeskError(f"save as what? Give the file one of the endings {endings}")
    if not len(document):
        raise DeskError("there is no packet to save")
    saved = yield from form(document, whole)
    return replace(saved, content=gzip.compress(saved.content, mtime=0)) if packed else saved


def ending_of(path: PurePath) -> str:
    """The ending that says in which form a file is saved: `.pcap`, or `.pcap.gz`."""
    packed = path.suffix.lower() == _GZIP
    return "".join(path.suffixes[-2:] if packed else path.suffixes[-1:]).lower()


def file_name(document: Document, ending: str) -> str:
    """What a document's file is called in a form."""
    path = PurePath(document.name)
    return path.name[: len(path.name) - len(ending_of(path))] + ending


class Writing:
    """A capture of the packets that a document has now, written part by part.

    In the format in which it came it is the file that it came from, with those bytes changed
    that edits have changed. `ending` is one of `CAPTURES`. Raises DeskError for what the
    format cannot hold.
    """

    def __init__(self, document: Document, ending: str, whole: bool = True) -> None:
        self._count = len(document) if whole else 1
        self._losses = list(_program_is_lost(document, "a capture"))
        copied = _copying(document, ending) if whole else None
        self._writing = copied or self._anew(document, ending, whole)

    def _anew(self, document: Document, ending: str, whole: bool) -> _Anew:
        packets = document.packets() if whole else [document.packet]
        records = [record_of(index, packet) for index, packet in enumerate(packets)]
        writing = _Anew(records, CAPTURES[ending](records))
        if ending == ".pcap":
            self._losses += _notes_are_lost(records)
        elif whole and format_of(document.origin) == ending:
            self._losses.append(_BESIDE)
        return writing

    def __len__(self) -> int:
        return self._count

    def go_on(self, most: int) -> bool:
        """Write the next packets, at most so many; whether there may be more."""
        try:
            return self._writing.go_on(most)
        except ScapyServerError as error:
            raise DeskError(error.detail) from None

    def close(self) -> None:
        """Write no more, whether or not all is written."""
        self._writing.close()

    def saved(self) -> Saved:
        """What has been written."""
        return Saved(self._writing.content(), tuple(self._losses))


class _Anew:
    """Records written as a file of their own, part by part."""

    def __init__(self, records: Sequence[PacketRecord], writer: RecordWriter) -> None:
        self._records = records
        self._writer = writer
        self._parts = [writer.begin()]

    def go_on(self, most: int) -> bool:
        """As `Copying.go_on`."""
        done = len(self._parts) - 1
        for number, record in enumerate(self._records[done : done + most], done + 1):
            with located(f"packet {number}"):
                self._parts.append(self._writer.written(record))
        return len(self._parts) - 1 < len(self._records)

    def close(self) -> None:
        """As `Copying.close`."""

    def content(self) -> bytes:
        """As `Copying.content`."""
        return b"".join(self._parts)


def endings_for(document: Document) -> list[str]:
    """The endings of the forms that a document may be saved in."""
    came_as_erf = format_of(document.origin) == ".erf"
    return [ending for ending in FORMS if came_as_erf or CAPTURES.get(ending) is not _erf_writer]


def own_ending(document: Document) -> str:
    """The ending of the form that a document came in, or is saved in first."""
    ending = format_of(document.origin) or PurePath(document.name).suffix.lower()
    return ending if ending in FORMS else ".pcap" if document.is_capture else ".trp"


def _copying(document: Document, ending: str) -> Copying | None:
    """The capture that the document came from; None where it is to be written anew."""
    if format_of(document.origin) != ending:
        return None
    gone = _gone(document.numbers, document.taken_up)
    changed = dict(document.differing())
    file = document.origin() if document.origin is not None else None
    if gone is None or file is None or not all(map(_fits, changed.values())):
        return None
    return Copying(file, {number: packet.frame for number, packet in changed.items()}, gone)


def _gone(numbers: Sequence[int | None], taken_up: int) -> set[int] | None:
    """Of the first so many packets of a file those that are not among `numbers`.

    None where packets are of no file, or stand in another order than in theirs.
    """
    last = 0
    for number in numbers:
        if number is None or number <= last:
            return None
        last = number
    return set(range(1, taken_up + 1)).difference(numbers) if len(numbers) < taken_up else set()


def _fits(packet: Packet) -> bool:
    """Whether a packet that was edited is still one of the link type that it was."""
    return packet.record is not None and (
        packet.model is None or packet.record.link_type == link_type_of(packet)
    )


def _capture_form(ending: str) -> Callable[[Document, bool], Asking[Saved]]:
    def save_capture(document: Document, whole: bool) -> Asking[Saved]:
        writing = Writing(document, ending, whole)
        with closing(writing):
            while writing.go_on(_AT_ONCE):
                pass
        return writing.saved()
        yield

    return save_capture


def _pcapng_writer(records: Sequence[PacketRecord]) -> RecordWriter:
    return PcapngWriter()


def _erf_writer(records: Sequence[PacketRecord]) -> RecordWriter:
    raise DeskError(
        "only what came as ERF, with its packets in their order, is saved so; .pcapng holds all"
    )


def _notes_are_lost(records: list[PacketRecord]) -> Iterator[str]:
    """What pcap has no place for."""
    for what, attribute in (("comments", "comment"), ("names of interfaces", "interface")):
        if any(getattr(record, attribute) is not None for record in records):
            yield f"a .pcap file holds no {what}; .pcapng does"


def record_of(index: int, packet: Packet) -> PacketRecord:
    """What a capture is to hold of a packet; `index` counts from 0."""
    if packet.record is None:
        return plain_record(index, packet.frame, link_type_of(packet))
    return packet.record.with_data(packet.frame)


def link_type_of(packet: Packet) -> int:
    """The number of the link type whose frames begin with the packet's first layer.

    Raises DeskError where no link type does.
    """
    first = packet.first_layer or "Ether"
    for number in (ETHERNET, *_RAW, *LINK_TYPES):
        if first in first_layer_ids(number, packet.frame):
            return number
    raise DeskError(
        f"no capture can hold a packet that begins with {first}; put a layer in front of it that "
        "one begins with, such as Ether()"
    )


def _document(document: Document, whole: bool) -> Asking[Saved]:
    """A document of the packet editor; its `fePrarameters` is spelled so."""
    packet, program = (yield from _looked_at(document)), document.program
    content = {
        "fileType": "trex-packet-editor",
        "version": "1.0.0",
        "metadata": {"caption": "/".join(str(layer["id"]) for layer in packet.layers)},
        "packet": _model(packet),
        "fePrarameters": dict(program.global_parameters),
        "feInstructions": list(program.instructions),
    }
    return Saved(_text(content), tuple(_packets_are_lost(document, "a .trp document")))


def _json_model(document: Document, whole: bool) -> Asking[Saved]:
    """The model, and with a program what `render_packets` takes: a source and a program."""
    content: Any = _model((yield from _looked_at(document)))
    if document.program.instructions:
        content = {"source": content, "program": {"field_engine": document.program.to_json()}}
    return Saved(_text(content), tuple(_packets_are_lost(document, "a model")))


def _python(document: Document, whole: bool) -> Asking[Saved]:
    packet = yield from _looked_at(document)
    material = yield from code.material(packet, document.program)
    losses = tuple(_packets_are_lost(document, "an expression"))
    return Saved(code.scapy_expression(material).encode(), losses)


def _hex(document: Document, whole: bool) -> Asking[Saved]:
    packets = document.packets() if whole else [document.packet]
    lines = [packet.frame.hex() + "\n" for packet in packets]
    return Saved("".join(lines).encode(), tuple(_program_is_lost(document, "hexadecimal")))
    yield


def _looked_at(document: Document) -> Asking[Packet]:
    """The packet at hand, with its field tree if nobody has looked at it lately."""
    document.dissect(document.position, (yield from looked_at(document.packet)))
    return document.packet


def _model(packet: Packet) -> list[dict[str, Any]]:
    return [{**layer, "fields": layer.get("fields") or []} for layer in whole_model(packet)]


def _text(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _program_is_lost(document: Document, what: str) -> Iterator[str]:
    if document.program.instructions:
        yield f"{what} cannot hold the Field Engine program; .trp, .json and .py do"


def _packets_are_lost(document: Document, what: str) -> Iterator[str]:
    if len(document) > 1:
        yield f"{what} holds one packet, this document has {len(document)}; .pcap holds all"


#: How the endings of captures are written.
CAPTURES: dict[str, Callable[[Sequence[PacketRecord]], RecordWriter]] = {
    ".pcap": pcap_writer,
    ".pcapng": _pcapng_writer,
    ".erf": _erf_writer,
}
#: What each ending stands for.
FORMS: dict[str, Callable[[Document, bool], Asking[Saved]]] = {
    **{ending: _capture_form(ending) for ending in CAPTURES},
    ".trp": _document,
    ".json": _json_model,
    ".py": _python,
    ".hex": _hex,
}
