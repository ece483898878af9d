"""Documents with changes that nobody has saved yet, as bytes that bring them back.

A draft holds the order, the packets that differ from the capture they came from, and the
program. What was undone is not in it. The capture itself is kept beside it by whoever keeps
the draft, and read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scapy_server.captures.records import PacketRecord
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program


class DraftPacket(msgspec.Struct, frozen=True):
    """A packet of a draft: its bytes, what it is built from, and what a capture says of it."""

    frame: bytes
    model: list[dict[str, Any]] | None = None
    record: PacketRecord | None = None


class Draft(msgspec.Struct, frozen=True):
    """A document. `packets` are those that differ, by the key that `order` has them under."""

    name: str
    is_capture: bool
    position: int
    order: list[int]
    packets: dict[int, DraftPacket]
    instructions: list[dict[str, Any]]
    global_parameters: dict[str, str]


def write_draft(document: Document) -> bytes:
    """The document as bytes."""
    program = document.program
    return msgspec.json.encode(
        Draft(
            document.name,
            document.is_capture,
            document.position,
            list(document.order),
            {key: _draft_of(packet) for key, packet in document.edited().items()},
            [dict(each) for each in program.instructions],
            dict(program.global_parameters),
        )
    )


def read_draft(content: bytes, records: Mapping[int, PacketRecord]) -> Document:
    """The document of a draft, on the packets of its capture by their keys; DeskError if it
    is none."""
    try:
        draft = msgspec.json.decode(content, type=Draft)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DeskError(f"this is no draft: {error}") from None
    missing = [key for key in draft.order if key not in draft.packets and key not in records]
    if missing:
        raise DeskError("the draft's capture lacks packets that it needs")
    document = Document(draft.name, draft.is_capture)
    document.restore(
        draft.order,
        records,
        {key: _packet_of(packet) for key, packet in draft.packets.items()},
        Program(tuple(draft.instructions), draft.global_parameters),
    )
    if len(document):
        document.go_to(min(draft.position, len(document) - 1))
    return document


def _draft_of(packet: Packet) -> DraftPacket:
    model = None if packet.model is None else [dict(layer) for layer in packet.model]
    return DraftPacket(packet.frame, model, packet.record)


def _packet_of(draft: DraftPacket) -> Packet:
    model = None if draft.model is None else tuple(draft.model)
    return Packet(draft.frame, (), model, draft.record)
