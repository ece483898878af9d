"""One edit of many packets: a field of every packet that has it, in one step of undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import field_rows, find_field
from scapy_server.desk.packet import Packet
from scapy_server.desk.past.kept import bare
from scapy_server.desk.questions import Asking


@dataclass(frozen=True)
class ManyEdited:
    """The packets that became others, by position; how many had the field, and how many not."""

    packets: dict[int, Packet]
    matched: int
    without: int

    def joined(self, other: ManyEdited) -> ManyEdited:
        """This and what came of other packets; field trees are not held of so many."""
        packets = {position: bare(packet) for position, packet in other.packets.items()}
        self.packets.update(packets)
        return ManyEdited(self.packets, self.matched + other.matched, self.without + other.without)


def set_many(packets: Iterable[tuple[int, Packet]], path: str, value: Any) -> Asking[ManyEdited]:
    """Give a field a value in every packet that has it.

    Raises DeskError, naming the packet, where the value is refused: then none is changed.
    """
    changed: dict[int, Packet] = {}
    matched = without = 0
    for position, packet in packets:
        if not has_field(packet, path):
            without += 1
            continue
        matched += 1
        layer, field_id = find_field(packet.layers, path)
        try:
            edited = yield from editing.set_field(packet, layer, field_id, value)
        except DeskError as error:
            raise DeskError(f"packet {position + 1}: {error}") from None
        if edited.frame != packet.frame:
            changed[position] = edited
    return ManyEdited(changed, matched, without)


def has_field(packet: Packet, path: str) -> bool:
    """Whether the packet has a field of this path, and not only a layer that could."""
    return any(
        row.is_called(path) and not row.field.get("ignored") for row in field_rows(packet.layers)
    )
