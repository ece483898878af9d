"""A packet at one moment, and the program that varies it. Never changed, only replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scapy_server.captures.records import PacketRecord

#: JSON of the RPC document: a layer or instruction of a model, a layer of a field tree.
JsonObject = Mapping[str, Any]

ETHERNET = 1


@dataclass(frozen=True)
class Program:
    """A Field Engine program: instructions as clients send them, and global parameters."""

    instructions: tuple[JsonObject, ...] = ()
    global_parameters: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What build_pkt_ex takes as `field_engine`."""
        return {
            "instructions": list(self.instructions),
            "global_parameters": dict(self.global_parameters),
        }


@dataclass(frozen=True)
class ProfileStream:
    """The stream of a profile that sends a packet: its number, and where it belongs.

    `raw` is its JSON as the RPC's `add_stream` takes it. `program` is what the VM in it stands
    for, None until somebody looks; `is_edited` says that the program is newer than the VM.
    """

    number: int
    raw: JsonObject
    port: int = 0
    profile: str = "_"
    program: Program | None = None
    is_edited: bool = False


@dataclass(frozen=True)
class LastRead:
    """Bytes that read as the layers which are shown of a packet, and the changes made since.

    `changes` are as `reconstruct_pkt` takes them.
    """

    frame: bytes
    changes: tuple[JsonObject, ...]


@dataclass(frozen=True)
class Packet:
    """A packet at one moment.

    `layers` is the field tree that the server gave for `frame`. `model` is what the packet is
    built from; None says that it was dissected and is edited in place, in its bytes. `record`
    is what a capture says of it, `stream` what a profile does, and `problem` why its dissection
    ended early, if it did. `last_read` is what `layers` came of where they were edited: the
    bytes that they have now may read as others.
    """

    frame: bytes
    layers: tuple[JsonObject, ...]
    model: tuple[JsonObject, ...] | None = None
    record: PacketRecord | None = None
    problem: str | None = None
    stream: ProfileStream | None = None
    last_read: LastRead | None = None

    @property
    def link_type(self) -> int:
        """The number of the link type by which the frame's first layer is read."""
        return ETHERNET if self.record is None else self.record.link_type

    @property
    def first_layer(self) -> str | None:
        """The id of its first layer; None for a packet that nobody has looked at."""
        first = next(iter(self.layers or self.model or ()), None)
        return None if first is None else str(first["id"])
