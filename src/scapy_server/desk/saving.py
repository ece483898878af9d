"""A document as the bytes of a file, in the form that the file's ending names.

What a form cannot hold is said beside the bytes, and never dropped without a word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scapy_server.captures.link_types import LINK_TYPES, root_layer_id
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import plain_record, write_records
from scapy_server.desk import code
from scapy_server.desk.document import Document
from scapy_server.desk.editing import whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import ETHERNET, Packet
from scapy_server.desk.questions import Asking
from scapy_server.errors import ScapyServerError

#: Raw IP by its usual number, before those that some systems wrote for it.
_RAW = (101,)


@dataclass(frozen=True)
class Saved:
    """The bytes of a file, and in sentences what of the document they do not hold."""

    content: bytes
    losses: tuple[str, ...] = ()


def save(document: Document, ending: str, whole: bool = True) -> Asking[Saved]:
    """The document in a form, by an ending such as `.pcap`; one packet if not `whole`.

    Raises DeskError for an ending that is none, or a document that the form cannot hold.
    """
    form = FORMS.get(ending.lower())
    if form is None:
        raise DeskError(f"save as what? Give the file one of the endings {', '.join(FORMS)}")
    if not len(document):
        raise DeskError("there is no packet to save")
    return (yield from form(document, whole))


def _capture(document: Document, whole: bool) -> Asking[Saved]:
    packets = document.packets() if whole else [document.packet]
    records = [record_of(index, packet) for index, packet in enumerate(packets)]
    try:
        content = write_records(records)
    except ScapyServerError as error:
        raise DeskError(str(error)) from None
    return Saved(content, tuple(_program_is_lost(document, "a capture")))
    yield


def record_of(index: int, packet: Packet) -> PacketRecord:
    """What a capture is to hold of a packet; `index` counts from 0."""
    if packet.record is None:
        return plain_record(index, packet.frame, link_type_of(packet))
    return packet.record.with_data(packet.frame)


def link_type_of(packet: Packet) -> int:
    """The number of the link type whose frames begin with the packet's first layer.

    Raises DeskError where no link type does.
    """
    first = str(packet.layers[0]["id"]) if packet.layers else "Ether"
    for number in (ETHERNET, *_RAW, *LINK_TYPES):
        if root_layer_id(number, packet.frame) == first:
            return number
    raise DeskError(f"no capture can hold a packet that begins with {first}")


def _document(document: Document, whole: bool) -> Asking[Saved]:
    """A document of the packet editor; its `fePrarameters` is spelled so."""
    packet, program = document.packet, document.program
    content = {
        "fileType": "trex-packet-editor",
        "version": "1.0.0",
        "metadata": {"caption": "/".join(str(layer["id"]) for layer in packet.layers)},
        "packet": _model(packet),
        "fePrarameters": dict(program.global_parameters),
        "feInstructions": list(program.instructions),
    }
    return Saved(_text(content), tuple(_packets_are_lost(document, "a .trp document")))
    yield


def _json_model(document: Document, whole: bool) -> Asking[Saved]:
    losses = [*_packets_are_lost(document, "a model"), *_program_is_lost(document, "a model")]
    return Saved(_text(_model(document.packet)), tuple(losses))
    yield


def _python(document: Document, whole: bool) -> Asking[Saved]:
    material = yield from code.material(document.packet, document.program)
    losses = [*_packets_are_lost(document, "an expression")]
    losses += _program_is_lost(document, "an expression")
    return Saved(code.scapy_expression(material).encode(), tuple(losses))


def _hex(document: Document, whole: bool) -> Asking[Saved]:
    packets = document.packets() if whole else [document.packet]
    lines = [packet.frame.hex() + "\n" for packet in packets]
    return Saved("".join(lines).encode(), tuple(_program_is_lost(document, "hexadecimal")))
    yield


def _model(packet: Packet) -> list[dict[str, Any]]:
    return [{**layer, "fields": layer.get("fields") or []} for layer in whole_model(packet)]


def _text(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _program_is_lost(document: Document, what: str) -> Iterator[str]:
    if document.program.instructions:
        yield f"{what} cannot hold the Field Engine program; .trp does"


def _packets_are_lost(document: Document, what: str) -> Iterator[str]:
    if len(document) > 1:
        yield f"{what} holds one packet, this document has {len(document)}; .pcap holds all"


#: What each ending stands for.
FORMS: dict[str, Callable[[Document, bool], Asking[Saved]]] = {
    ".pcap": _capture,
    ".pcapng": _capture,
    ".trp": _document,
    ".json": _json_model,
    ".py": _python,
    ".hex": _hex,
}
