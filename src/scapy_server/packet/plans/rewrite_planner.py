"""Making plans for changing frames: a frame is dissected under watch.

Everything that steers the dissection is the frame's structure; the other fields are
shown from the bytes of whatever frame has the same one. A layer that Scapy writes anew, as
one whose structure is changed, has no plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import Model, parse_model
from scapy_server.packet.plans.book import RewritePlan, shape_of
from scapy_server.packet.plans.build_planner import other_value
from scapy_server.packet.plans.plan import Line, NumberSlot, Rewrite, Slot
from scapy_server.packet.plans.reply import cut
from scapy_server.packet.plans.watching import WatchedDissection
from scapy_server.packet.tree.info import Mention, Sentence, info_parts, line
from scapy_server.schema.results import PacketResult


class RewritePlanner:
    """Makes plans for frames and changes that a codec can reconstruct."""

    def __init__(self, codec: PacketCodec) -> None:
        self._codec = codec
        self._registry = codec.registry

    def plan(self, frame: bytes, raw_changes: Any) -> RewritePlan | None:
        """The plan for frames of this structure and such changes, None if there is none."""
        parsed = shape_of(raw_changes)
        try:
            changes = parse_model(raw_changes, self._registry, changing=True)
            found = self._plan(frame, changes) if parsed else None
            if parsed and found is not None and self._agrees(found, frame, changes, parsed[1]):
                return RewritePlan(parsed[0], found)
        except ScapyServerError:
            pass  # what is refused has no plan
        return None

    def _plan(self, frame: bytes, changes: Model) -> Rewrite | None:
        result, built = self._codec.reconstruct_with_layout(frame, changes)
        root = self._registry.layer(root_layer_id(ETHERNET, frame)).cls
        dissection = WatchedDissection(root, built.frame, self._registry)
        if len(built.frame) != len(frame) or not _as_shown(result, dissection):
            return None
        slots = {
            (layer, field.id): slot
            for layer in range(len(dissection.chain))
            for field in dissection.fields(layer)
            if (slot := dissection.slot(layer, field)) is not None
        }
        written = []
        for position, place in enumerate(_changed(changes)):
            if place not in slots:
                return None
            written.append((position, slots[place]))
        mask = _mask(len(frame), slots.values())
        holes = {place: number for number, place in enumerate(slots)}
        structure = int.from_bytes(built.frame, "big") & mask
        return Rewrite(
            mask=mask.to_bytes(len(frame), "big"),
            structure=structure.to_bytes(len(frame), "big"),
            slots=tuple(written),
            shown=tuple(slots.values()),
            reply=cut(result, holes),
            line=None if changes else self._line(frame, holes, tuple(slots.values())),
        )

    def _line(
        self, frame: bytes, holes: Mapping[tuple[int, str], int], slots: Sequence[Slot]
    ) -> Line | None:
        """How the line on such frames is made, None if it depends on more than fields."""
        chain = [traced.packet for traced in self._codec.trace(frame, ETHERNET)]
        parts: list[bytes | int] = []
        for part in info_parts(chain):
            if isinstance(part, Sentence):
                return None
            hole = holes.get(part) if isinstance(part, Mention) else None
            text = line([part], chain, self._registry)
            parts.append(msgspec.json.encode(text)[1:-1] if hole is None else hole)
        summary = self._codec.summarise(frame)
        end = msgspec.json.encode(msgspec.structs.replace(summary, info=""))
        checked = (
            number
            for number, slot in enumerate(slots)
            if isinstance(slot, NumberSlot) and slot.avoided and number not in parts
        )
        return Line(tuple(parts), tuple(checked), end.removeprefix(b'{"info":"'))

    def _agrees(self, plan: Rewrite, frame: bytes, changes: Model, given: list[Any]) -> bool:
        """Whether both ways agree on the frame, and on one with other bytes throughout."""
        other = bytearray(frame)
        for slot in plan.shown:
            slot.write(other, other_value(slot))
        return all(
            plan.result(tried, given)
            == msgspec.json.encode(self._codec.reconstruct(tried, changes))
            and (
                plan.line is None
                or plan.summary(tried) == msgspec.json.encode(self._codec.summarise(tried))
            )
            for tried in (frame, bytes(other))
        )


def _as_shown(result: PacketResult, dissection: WatchedDissection) -> bool:
    return len(result.data) == len(dissection.chain) > 0 and all(
        layer.valid_structure and layer.rebuilt is not True and layer.offset == traced.offset
        for layer, traced in zip(result.data, dissection.chain, strict=True)
    )


def _changed(changes: Model) -> Iterator[tuple[int, str]]:
    for layer, spec in enumerate(changes):
        for field in spec.fields:
            yield layer, field.id


def _mask(length: int, slots: Iterable[Slot]) -> int:
    """All bits of a frame but those that slots show."""
    mask = (1 << 8 * length) - 1
    for slot in slots:
        bits, shift = 8 * (slot.stop - slot.start), 8 * (length - slot.stop)
        if isinstance(slot, NumberSlot):
            bits, shift = slot.bits, shift + slot.shift
        mask &= ~((1 << bits) - 1 << shift)
    return mask
