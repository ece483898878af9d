"""Making plans for changing frames: a frame is dissected under watch.

Everything that steers the dissection is the frame's structure; the other fields are
shown from the bytes of whatever frame has the same one. Changes of structure, or of parts, make
the same of all frames with the same structure; in a layer that Scapy writes anew for one,
nothing may differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import Model
from scapy_server.packet.plans.build_planner import fields_of, other_value, with_others
from scapy_server.packet.plans.kept import RewritePlan
from scapy_server.packet.plans.long_way import LongWay, Reached
from scapy_server.packet.plans.model_shape import is_plain, shape_of
from scapy_server.packet.plans.reply import cut
from scapy_server.packet.plans.rewriting import Laid, Line, Rewrite
from scapy_server.packet.plans.slots import NumberSlot, Slot, bits_beside
from scapy_server.packet.plans.watching import WatchedDissection
from scapy_server.packet.tree.info import Mention, Sentence, info_parts, line
from scapy_server.schema.results import PacketResult


class RewritePlanner:
    """Makes plans for frames and changes that a codec can reconstruct."""

    def __init__(self, codec: PacketCodec) -> None:
        self._codec = codec
        self._registry = codec.registry
        self._long_way = LongWay(codec)

    def plan(
        self, frame: bytes, raw_changes: Any, reached: Reached | None = None
    ) -> RewritePlan | None:
        """The plan for frames of this structure and such changes, None if there is none.

        `reached` is what the long way gave, if it was gone.
        """
        try:
            reached = reached or self._long_way.reconstruct(frame, raw_changes)
            parsed = shape_of(raw_changes)
            if parsed is None or reached.work > limits.PLANNED_WORK:
                return None
            found = self._plan(frame, raw_changes, reached)
            if found is not None and self._agrees(*found, frame, raw_changes, reached):
                return RewritePlan(parsed[0], found[0])
        except ScapyServerError:
            pass  # what is refused has no plan
        return None

    def _plan(
        self, frame: bytes, raw_changes: Any, reached: Reached
    ) -> tuple[Rewrite, list[Slot]] | None:
        """The plan, and what may differ in frames before they are changed."""
        result, changes = reached.result, reached.model
        if not changes and result.problem:
            return None  # which is said beside the packet where it is a captured one
        new = reached.tree.layout().frame
        if not 0 < len(new) <= limits.PLANNED_FRAME_BYTES:
            return None
        root = self._registry.layer(root_layer_id(ETHERNET, frame)).cls
        after = WatchedDissection(root, new, self._registry)
        if not _as_shown(result, after):
            return None
        before = after if new == frame else WatchedDissection(root, frame, self._registry)
        old_slots = _slots(before)
        new_slots = {
            key: slot
            for key, slot in _slots(after).items()
            if _moved(old_slots.get(key), slot, len(frame), len(new)) is not None
            and result.data[key[0]].rebuilt is not True
        }
        written, fixed = _given(raw_changes, changes, new_slots)
        differing = [old_slots[key] for key in new_slots]
        mask = bits_beside(len(frame), differing)
        holes = {key: number for number, key in enumerate(new_slots)}
        structure = int.from_bytes(frame, "big") & mask
        plan = Rewrite(
            mask=mask.to_bytes(len(frame), "big"),
            structure=structure.to_bytes(len(frame), "big"),
            slots=tuple((position, new_slots[key]) for position, key in written),
            shown=tuple(new_slots.values()),
            reply=cut(result, holes),
            line=self._line(reached, holes, tuple(new_slots.values())),
            fixed=fixed,
            replaced=tuple(old_slots[key] for _, key in written if _chooses(old_slots[key])),
            laid=_laid(frame, new, old_slots, new_slots),
            work=0 if changes else reached.work_to_read,
        )
        return plan, differing

    def _line(
        self, reached: Reached, holes: Mapping[tuple[int, str], int], slots: Sequence[Slot]
    ) -> Line | None:
        """How the line on such frames is made, None if it depends on more than fields."""
        if reached.real is None:
            return None
        chain = [traced.packet for traced in reached.real]
        parts: list[bytes | int] = []
        for part in info_parts(chain):
            if isinstance(part, Sentence):
                return None
            hole = holes.get(part) if isinstance(part, Mention) else None
            text = line([part], chain, self._registry)
            parts.append(msgspec.json.encode(text)[1:-1] if hole is None else hole)
        end = msgspec.json.encode(replace(self._codec.sum_up(reached.real), info=""))
        checked = (
            number
            for number, slot in enumerate(slots)
            if isinstance(slot, NumberSlot) and slot.avoided and number not in parts
        )
        end = end.removeprefix(b'{"info":"')
        return Line(tuple(parts), tuple(checked), end, reached.work_of_line)

    def _agrees(
        self,
        plan: Rewrite,
        differing: list[Slot],
        frame: bytes,
        raw_changes: Any,
        reached: Reached,
    ) -> bool:
        """Whether both ways agree on the frame, and on one with other bytes throughout."""
        if not self._leads_to(reached, plan, frame, raw_changes):
            return False
        changed = bytearray(frame)
        for slot in differing:
            slot.write(changed, other_value(slot))
        other, others = bytes(changed), with_others(raw_changes, dict(plan.slots))
        return self._leads_to(self._long_way.reconstruct(other, others), plan, other, others)

    def _leads_to(self, reached: Reached, plan: Rewrite, frame: bytes, raw_changes: Any) -> bool:
        """Whether the plan gives what the long way does."""
        parsed = shape_of(raw_changes)
        if parsed is None or plan.result(frame, parsed[1]) != reached.json:
            return False
        if reached.real is not None and plan.work != reached.work_to_read:
            return False
        if plan.line is None or reached.real is None:
            return True
        if plan.line.work != reached.work_of_line:
            return False
        return plan.summary(frame) == msgspec.json.encode(self._codec.sum_up(reached.real))


def _as_shown(result: PacketResult, dissection: WatchedDissection) -> bool:
    return len(result.data) == len(dissection.chain) > 0 and all(
        layer.valid_structure and layer.offset == traced.offset
        for layer, traced in zip(result.data, dissection.chain, strict=True)
    )


_Key = tuple[int, str]
_Slots = dict[_Key, Slot]


def _slots(dissection: WatchedDissection) -> _Slots:
    """What may be patched in a frame, by layer and field."""
    return {
        (layer, field.id): slot
        for layer in range(len(dissection.chain))
        for field in dissection.fields(layer)
        if (slot := dissection.slot(layer, field)) is not None
    }


def _given(
    raw_changes: Any, changes: Model, slots: _Slots
) -> tuple[list[tuple[int, _Key]], tuple[tuple[int, Any], ...]]:
    """The plain values that are written over slots, and those that are the plan's own."""
    specs = list(fields_of(raw_changes, changes))
    times = Counter((layer, spec.id) for layer, spec, _ in specs)
    written: list[tuple[int, _Key]] = []
    fixed = []
    plain = (each for each in specs if is_plain(each[2]))
    for position, (layer, spec, item) in enumerate(plain):
        key = (layer, spec.id)
        if key in slots and spec.is_plain and times[key] == 1:
            written.append((position, key))
        else:
            fixed.append((position, item["value"]))
    return written, tuple(fixed)


def _chooses(slot: Slot) -> bool:
    """Whether not all that may stand there is for the plan."""
    return isinstance(slot, NumberSlot) and bool(slot.avoided)


def _moved(old: Slot | None, new: Slot, old_length: int, new_length: int) -> bool | None:
    """Whether a slot keeps its distance to the end of the frame and not that to the start.

    None if it keeps neither, or is another one.
    """
    if old is None:
        return None
    if old == new:
        return False
    further = new_length - old_length
    there = replace(old, start=old.start + further, stop=old.stop + further)
    return True if there == new else None


def _laid(frame: bytes, new: bytes, old_slots: _Slots, new_slots: _Slots) -> Laid | None:
    """How the new frame is laid around what differs, None if the old one is as good."""
    head: list[Slot] = []
    tail: list[Slot] = []
    for key, slot in new_slots.items():
        moved = _moved(old_slots[key], slot, len(frame), len(new))
        (tail if moved else head).append(old_slots[key])
    own = int.from_bytes(new, "big") & bits_beside(len(new), new_slots.values())
    old = int.from_bytes(frame, "big") & bits_beside(len(frame), head)
    if len(new) == len(frame) and own == old:
        return None
    size = len(frame)
    masks = (~bits_beside(size, slots) & (1 << 8 * size) - 1 for slots in (head, tail))
    first, last = (mask.to_bytes(size, "big") for mask in masks)
    return Laid(own.to_bytes(len(new), "big"), first, last)
