"""What a capture knows of a packet, whatever its format, and the pieces of its file."""

from __future__ import annotations

from typing import Protocol

import msgspec


class PacketRecord(msgspec.Struct, frozen=True, gc=False):
    """A captured packet: its bytes as far as they were captured, and what stands beside them.

    `number` counts from 1, as capture tools do. `time_ns` is in nanoseconds since 1970, None
    where the capture does not tell. `original_length` is the packet's length on the wire.
    `interface` is the name of where it was captured, `problem` a sentence on what is wrong
    with the record, and `lacking` how many bytes the record claims that are not in the file.
    """

    number: int
    data: bytes
    link_type: int
    time_ns: int | None
    original_length: int
    interface: str | None = None
    comment: str | None = None
    problem: str | None = None
    lacking: int = 0

    def with_data(self, data: bytes) -> PacketRecord:
        """The record of the packet after an edit: what was not captured is still missing."""
        missing = self.original_length - len(self.data)
        return msgspec.structs.replace(self, data=data, original_length=max(0, len(data) + missing))


class Piece(Protocol):
    """Some bytes of a capture file as they are, and the packet in them if there is one.

    The pieces of a file are all of its bytes, in order (of a compressed one, of what was
    compressed).
    """

    @property
    def raw(self) -> bytes:
        """The bytes of the piece."""
        ...

    @property
    def record(self) -> PacketRecord | None:
        """The packet in it."""
        ...

    def rewritten(self, changed: PacketRecord) -> bytes:
        """The piece with its packet's bytes, lengths, time and comment as in `changed`.

        All else in it stays. To be asked of pieces with a packet only; raises RefusedError
        for what the format cannot hold.
        """
        ...


class OtherPiece(msgspec.Struct, frozen=True, gc=False):
    """A piece that is no packet: a header, a description, or what cannot be read."""

    raw: bytes
    record: None = None

    def rewritten(self, changed: PacketRecord) -> bytes:
        """As the piece is: there is no packet in it."""
        return self.raw


def length_problem(captured: int, original: int) -> str | None:
    """What is wrong with a record whose lengths are these, None if the packet is whole."""
    if captured < original:
        return f"only {captured} of its {original} bytes were captured"
    if captured > original:
        return f"it claims {captured} captured bytes of a packet of {original}"
    if not captured:
        return "it is empty"
    return None
