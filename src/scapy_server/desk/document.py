"""A document: packets in an order, which one is at hand, a program, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from scapy_server.captures.copying import Origin
from scapy_server.captures.records import PacketRecord
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.past.history import History, Key, Side, Step
from scapy_server.desk.past.kept import Kept, bare
from scapy_server.desk.past.looked import Looked
from scapy_server.desk.past.splices import splice


class Document:
    """Packets that are edited together.

    `name` is the file's, or what a new document is called. Packets are counted from 0 in
    the order at hand; `is_capture` says that they came from a capture, whose every packet is
    written when it is saved. What comes from a capture is held as it was read until it is
    edited; field trees are held of the packets that were looked at lately, and of the packet
    at hand.
    """

    def __init__(self, name: str, is_capture: bool = False, program: Program | None = None) -> None:
        self.name = name
        self.is_capture = is_capture
        self._program = program or Program()
        self.position = 0
        self.history = History()
        self._records: dict[Key, PacketRecord] = {}
        self._packets: dict[Key, Packet] = {}  # what was made or edited, without field trees
        self._looked = Looked()
        self._order: list[Key] = []
        self._marked: set[Key] = set()
        self._next_key = 0
        #: Opens the capture that it came from.
        self.origin: Origin | None = None

    def __len__(self) -> int:
        return len(self._order)

    @property
    def packet(self) -> Packet:
        """The packet at hand; DeskError if there is none."""
        if not self._order:
            raise DeskError("there is no packet; build, open or hex one, or load a template")
        return self.at(self.position)

    @property
    def program(self) -> Program:
        """What varies the packet at hand: its stream's program, else the document's."""
        stream = self.at(self.position).stream if self._order else None
        if stream is not None:
            return stream.program or Program()
        return self._program

    @property
    def is_profile(self) -> bool:
        """Whether each packet is sent by a stream of its own."""
        return bool(self._order) and self.at(0).stream is not None

    def key(self, position: int) -> Key:
        """What the packet at a place is called, wherever it goes."""
        return self._order[position]

    def at(self, position: int) -> Packet:
        """A packet by its place; without layers while nobody has looked at it lately."""
        key = self._order[position]
        found = self._looked.get(key) or self._packets.get(key)
        return _undissected(self._records[key]) if found is None else found

    def packets(self) -> Iterator[Packet]:
        """All packets, in order."""
        return (self.at(position) for position in range(len(self._order)))

    @property
    def order(self) -> Sequence[Key]:
        """What the packets are called, in order."""
        return tuple(self._order)

    @property
    def numbers(self) -> Sequence[int | None]:
        """What number each packet has in the capture that it came from; None of one of none."""
        found = map(self._records.get, self._order)
        return [None if record is None else record.number for record in found]

    @property
    def taken_up(self) -> int:
        """How many packets of the capture it came from were taken up."""
        return len(self._records)

    def differing(self) -> Iterator[tuple[int, Packet]]:
        """The packets of its capture, by their numbers there, that have other bytes now."""
        for key, packet in self.edited().items():
            record = self._records.get(key)
            if record is not None and record.data != packet.frame:
                yield record.number, packet

    def edited(self) -> Mapping[Key, Packet]:
        """The packets in it whose bytes, or way of being built, a capture does not have."""
        return {
            key: packet
            for key in self._order
            if (packet := self._packets.get(key)) is not None
            and (
                packet.model is not None
                or key not in self._records
                or self._records[key].data != packet.frame
            )
        }

    def restore(
        self,
        order: Sequence[Key],
        records: Mapping[Key, PacketRecord],
        packets: Mapping[Key, Packet],
        program: Program,
    ) -> None:
        """Become what a draft holds; this is the document's beginning, and it is not saved."""
        self._order = list(order)
        self._records = dict(records)
        self._packets = dict(packets)
        self._next_key = 1 + max([-1, *order, *records, *packets])
        self._program = program
        self.history.never_saved()

    def add_records(self, packets: Iterable[PacketRecord]) -> None:
        """Take up packets of a capture that is being read; this is no step of the history."""
        for each in packets:
            self._records[self._next_key] = each
            self._order.append(self._next_key)
            self._next_key += 1

    def dissect(self, position: int, packet: Packet) -> None:
        """What a packet reads as; this is no step of the history.

        It came late where the packet has been edited since: then what is newer stays.
        """
        key = self._order[position]
        made = self._packets.get(key)
        if self._bytes(key) != packet.frame or (made and packet.model not in (None, made.model)):
            return
        self._looked.get(self._order[self.position])  # which stays, however many others come
        self._looked.put(key, packet)
        if made is not None:
            self._packets[key] = bare(packet)

    def go_to(self, position: int) -> None:
        """Take up another packet; DeskError if it is not there."""
        if not 0 <= position < len(self._order):
            if not self._order:
                raise DeskError("the document has no packets")
            raise DeskError(
                f"the capture has the packets 1 to {len(self._order)}, not {position + 1}"
            )
        self.position = position

    def replace(
        self,
        packet: Packet,
        label: str,
        program: Program | None = None,
        joined: bool = False,
    ) -> None:
        """The packet at hand becomes this one; it is the first where there was none.

        A change that is `joined` makes one step with the one before it.
        """
        if not self._order:
            self.insert(0, [packet], label, program)
            return
        self.replace_all({self.position: packet}, label, program)
        if joined:
            self.history.join()

    def replace_all(
        self, packets: Mapping[int, Packet], label: str, program: Program | None = None
    ) -> None:
        """Several packets become others, in one step."""
        keys = {self._order[position]: packet for position, packet in packets.items()}
        before = {
            key: self._looked.get(key) or self._packets[key] if key in self._packets else None
            for key in keys
        }
        changed = program if program != self.program else None
        self._do(
            Step(
                label,
                Side(before, program=self.program if changed else None, position=self.position),
                Side(keys, program=changed, position=self.position),
            )
        )

    def set_program(self, program: Program, label: str) -> None:
        """The program of the packet at hand becomes this one."""
        stream = self.at(self.position).stream if self._order else None
        if stream is not None:
            edited = replace(stream, program=program, is_edited=True)
            self.replace(replace(self.packet, stream=edited), label)
            return
        self._do(
            Step(
                label,
                Side({}, program=self.program, position=self.position),
                Side({}, program=program, position=self.position),
            )
        )

    def insert(
        self,
        position: int,
        packets: Sequence[Packet],
        label: str,
        program: Program | None = None,
    ) -> None:
        """Put packets before the one that stands there, and take the first of them up."""
        keys = range(self._next_key, self._next_key + len(packets))
        self._next_key += len(packets)
        made = dict(zip(keys, packets, strict=True))
        order = [*self._order[:position], *keys, *self._order[position:]]
        self._reorder(label, order, position, made, program)

    def delete(self, positions: Iterable[int], label: str) -> None:
        """Take packets out."""
        gone = {self._order[position] for position in positions}
        order = [key for key in self._order if key not in gone]
        position = min(self.position, max(0, len(order) - 1))
        self._reorder(label, order, position)

    def move(self, position: int, target: int) -> None:
        """Put a packet at another place, and take it up."""
        order = list(self._order)
        order.insert(target, order.pop(position))
        self._reorder(f"move packet {position + 1} to {target + 1}", order, target)

    def move_all(self, positions: Iterable[int], first: int) -> None:
        """Put packets, in their order, behind one another so that the first has this place."""
        moved = [self._order[position] for position in sorted(positions)]
        gone = set(moved)
        kept = [key for key in self._order if key not in gone]
        at = max(0, min(first, len(kept)))
        what = f"{len(moved):,} packets" if len(moved) > 1 else "a packet"
        self._reorder(f"move {what} to {at + 1}", [*kept[:at], *moved, *kept[at:]], at)

    def duplicate_all(self, positions: Sequence[int]) -> None:
        """Put copies of packets behind the last of them, and take the first copy up."""
        if len(positions) == 1:
            self.duplicate(positions[0])
            return
        copies = [self.at(position) for position in sorted(positions)]
        self.insert(max(positions) + 1, copies, f"duplicate {len(copies):,} packets")

    def duplicate(self, position: int) -> None:
        """Put a copy of a packet behind it, and take it up."""
        self.insert(position + 1, [self.at(position)], f"duplicate packet {position + 1}")

    def mark(self, position: int, marked: bool) -> None:
        """Mark a packet, or no more; marks are for the eye and no step of the history."""
        key = self._order[position]
        if marked:
            self._marked.add(key)
        else:
            self._marked.discard(key)

    def is_marked(self, position: int) -> bool:
        """Whether the packet is marked."""
        return self._order[position] in self._marked

    def undo(self) -> Step:
        """Take the last step back; DeskError if there is none."""
        step = self.history.undo()
        self._become(step.before)
        return step

    def redo(self) -> Step:
        """Take a step again that was taken back; DeskError if there is none."""
        step = self.history.redo()
        self._become(step.after)
        return step

    def _reorder(
        self,
        label: str,
        order: Sequence[Key],
        position: int,
        made: Mapping[Key, Packet] | None = None,
        program: Program | None = None,
    ) -> None:
        """Take a step to another order, with packets that were not there before."""
        made = made or {}
        was, now = tuple(self._order), tuple(order)
        old = None if program is None else self.program
        self._do(
            Step(
                label,
                Side(dict.fromkeys(made), splice(now, was), old, self.position),
                Side(made, splice(was, now), program, position),
            )
        )

    def _do(self, step: Step) -> None:
        self.history.take(step)
        self._become(step.after)

    def _become(self, side: Side) -> None:
        for key, packet in side.packets.items():
            if packet is None:
                self._packets.pop(key, None)
                self._looked.forget(key)
                continue
            whole = packet.packet(self._bytes(key)) if isinstance(packet, Kept) else packet
            self._packets[key] = bare(whole)
            self._looked.put(key, whole)
        if side.order is not None:
            self._order = list(side.order.applied(tuple(self._order)))
        if side.program is not None:
            self._program = side.program
        self.position = min(side.position, max(0, len(self._order) - 1))

    def _bytes(self, key: Key) -> bytes:
        """The bytes of a packet as it is now; none where there is no such packet."""
        if key in self._packets:
            return self._packets[key].frame
        return self._records[key].data if key in self._records else b""


def _undissected(record: PacketRecord) -> Packet:
    """A packet that nobody has looked at: its bytes, without a field tree."""
    return Packet(record.data, (), record=record)
