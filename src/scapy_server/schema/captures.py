"""Packets of captures, with what the capture says of each.

Source: docs/captures.md, "Reading in parts", "Writing".
"""

from __future__ import annotations

import base64

import msgspec

from scapy_server.schema.results import Base64, LayerResult


class CapturedHead(msgspec.Struct, frozen=True):
    """What a capture says of a packet.

    `number` counts from 1, `time_ns` from 1970 (None where the capture does not tell).
    """

    number: int
    time_ns: int | None
    captured_length: int
    original_length: int
    link_type: int
    problem: str | msgspec.UnsetType = msgspec.UNSET
    comment: str | msgspec.UnsetType = msgspec.UNSET
    interface: str | msgspec.UnsetType = msgspec.UNSET


class CapturedPacket(CapturedHead, frozen=True, omit_defaults=True):
    """A packet of a capture, as it is read and may be written again.

    What is shown of it depends on the detail: `data` and `binary`, `binary` alone, or `info`
    and the ids of its `layers`.
    """

    data: list[LayerResult] | msgspec.UnsetType = msgspec.UNSET
    binary: Base64 | msgspec.UnsetType = msgspec.UNSET
    info: str | msgspec.UnsetType = msgspec.UNSET
    layers: list[str] | msgspec.UnsetType = msgspec.UNSET

    def with_bytes(self, frame: bytes) -> CapturedPacket:
        """The packet with other bytes, and all that its capture says of it."""
        binary = base64.b64encode(frame).decode("ascii")
        return msgspec.structs.replace(
            self, binary=binary, data=msgspec.UNSET, info=msgspec.UNSET, layers=msgspec.UNSET
        )

    @property
    def bytes(self) -> bytes:
        """The packet; nothing where only a summary is shown."""
        return base64.b64decode(self.binary or b"")


class CapturePage(msgspec.Struct, frozen=True):
    """Packets of a capture in order: the result of `read_pcap` with options.

    `next` is the number to go on from, None at the end, and `total` how many packets the
    capture has, None if there are many more. `problem` says why the capture ends there.
    """

    packets: list[CapturedPacket]
    next: int | None
    total: int | None
    problem: str | msgspec.UnsetType = msgspec.UNSET
