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
from scapy_server.desk.packet import Packet, ProfileStream, Program


class DraftStream(msgspec.Struct, frozen=True):
    """What a profile says of a packet."""

    number: int
    raw: dict[str, Any]
    port: int
    profile: str
    is_edited: bool
    instructions: list[dict[str, Any]] | None
    global_parameters: dict[str, str]


class DraftPacket(msgspec.Struct, frozen=True):
    """A packet of a draft: its bytes, what it is built from, and what its file says of it."""

    frame: bytes
    model: list[dict[str, Any]] | None = None
    record: PacketRecord | None = None
    stream: DraftStream | None = None


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


class _Named(msgspec.Struct):
    """What tells a draft from others."""

    name: str


def draft_name(content: bytes) -> str:
    """What the document of a draft is called; DeskError if it is none."""
    try:
        return msgspec.json.decode(content, type=_Named).name
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DeskError(f"this is no draft: {error}") from None


def _draft_of(packet: Packet) -> DraftPacket:
    model = None if packet.model is None else [dict(layer) for layer in packet.model]
    stream = None if packet.stream is None else _draft_stream(packet.stream)
    return DraftPacket(packet.frame, model, packet.record, stream)


def _draft_stream(stream: ProfileStream) -> DraftStream:
    program = stream.program
    return DraftStream(
        stream.number,
        dict(stream.raw),
        stream.port,
        stream.profile,
        stream.is_edited,
        None if program is None else [dict(each) for each in program.instructions],
        {} if program is None else dict(program.global_parameters),
    )


def _packet_of(draft: DraftPacket) -> Packet:
    model = None if draft.model is None else tuple(draft.model)
    stream = None if draft.stream is None else _stream_of(draft.stream)
    return Packet(draft.frame, (), model, draft.record, stream=stream)


def _stream_of(draft: DraftStream) -> ProfileStream:
    program = None
    if draft.instructions is not None:
        program = Program(tuple(draft.instructions), draft.global_parameters)
    return ProfileStream(
        draft.number, draft.raw, draft.port, draft.profile, program, draft.is_edited
    )
