"""A recipe applied to the packets of captures, one after the other."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from scapy_server.batch.recipe import (
    BytesSetting,
    FieldSetting,
    Recipe,
    changes_of,
    settings_of,
)
from scapy_server.batch.selecting import Seen, Selector
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.records import PacketRecord
from scapy_server.desk.fuzzing import fuzzed
from scapy_server.desk.models import changed_twice
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.fragments import fragmented
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.recomputing import recomputing
from scapy_server.packet.values.paths import AbsentPartError
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.refusals import refusing

T = TypeVar("T")


class _Rebuilt(msgspec.Struct):
    binary: bytes | None


_rebuilt = msgspec.json.Decoder(_Rebuilt)
_IP = ("IP", "IPv6")
_RESIZED = "of another size now, with lengths and checksums as they were; --recompute computes them"


class Tally:
    """What was done to the packets of one capture, and what could not be, by its reason."""

    def __init__(self) -> None:
        self.packets = self.matched = self.changed = self.written = 0
        self.kept: Counter[str] = Counter()

    def notes(self) -> tuple[str, ...]:
        """What could not be done, in sentences."""
        return tuple(
            f"{count} packet{'s' if count > 1 else ''}: {what}" for what, count in self.kept.items()
        )


class Editor:
    """Applies a recipe: a `captures.editing.Change`.

    Raises RefusedError or DeskError for a recipe that cannot be applied to any packet.
    `tally` counts; packets of which a part of the recipe cannot be true, as a checksum over
    bytes that were not captured, keep what they have, and are counted there.
    """

    def __init__(self, recipe: Recipe, core: Core) -> None:
        self.tally = Tally()
        self._recipe = recipe
        self._core = core
        self._selector = Selector(recipe, core.registry)
        settings = settings_of(recipe, core.registry)
        self._fields = [each for each in settings if isinstance(each, FieldSetting)]
        #: Why a setting was first left out, by its path.
        self._absent: dict[str, str] = {}
        self._bytes = [each for each in settings if isinstance(each, BytesSetting)]

    def __call__(self, record: PacketRecord) -> Sequence[PacketRecord]:
        """The records in the place of one; raises RefusedError for a value that is refused."""
        self.tally.packets += 1
        seen = Seen(record, self._core)
        with refusing():
            matches = self._selector.matches(seen)
        if not matches:
            records: Sequence[PacketRecord] = () if self._recipe.only else (record,)
        else:
            self.tally.matched += 1
            with refusing():
                records = self._edited(seen) if record.data else (record,)
            self.tally.changed += len(records) != 1 or records[0] is not record
        self.tally.written += len(records)
        return records

    def _edited(self, seen: Seen) -> Sequence[PacketRecord]:
        record = seen.record
        frame, touched = self._set(seen)
        if self._recipe.fuzz is not None:
            seed = random.Random(f"{self._recipe.fuzz}/{record.number}")
            frame = fuzzed(frame, self._seen(record, frame).layers, seed)
        if self._recipe.recompute:
            frame = self._recomputed(record, frame, touched)
        elif len(frame) != len(record.data):
            self.tally.kept[_RESIZED] += 1
        changed = record if frame == record.data else record.with_data(frame)
        return (changed,) if self._recipe.mtu is None else self._fragmented(changed)

    def _set(self, seen: Seen) -> tuple[bytes, set[tuple[int, str]]]:
        record, fields = seen.record, self._fields
        try:
            frame, touched = self._with_fields(seen, fields)
        except AbsentPartError:
            fields = [each for each in fields if self._is_there(record, each)]
            frame, touched = self._with_fields(Seen(record, self._core), fields)
        if self._recipe.recompute and len(frame) != len(record.data) and record.problem is None:
            # While lengths are those of before, what came would be read as padding.
            frame = self._set_and_computed(record, fields, touched) or frame
        for each in self._bytes:
            end = each.place + len(each.data)
            if end > len(frame):
                raise RefusedError(
                    f"--set {each.path}: the packet has the bytes 0 to {len(frame) - 1}"
                )
            frame = frame[: each.place] + each.data + frame[end:]
        return frame, touched

    def _with_fields(
        self, seen: Seen, fields: Sequence[FieldSetting]
    ) -> tuple[bytes, set[tuple[int, str]]]:
        if not fields:
            return seen.record.data, set()
        changes, touched = changes_of(fields, seen.layer_ids)
        return self._reconstructed(seen, changes), touched

    def _set_and_computed(
        self, record: PacketRecord, fields: Sequence[FieldSetting], touched: set[tuple[int, str]]
    ) -> bytes | None:
        """The frame with what is set and computed in one; None where that cannot be."""
        seen = Seen(record, self._core)
        changes, _ = changes_of(fields, seen.layer_ids)
        resets = recomputing(seen.chain, self._core.registry, touched)
        try:
            return self._changed(record.data, seen.chain, changed_twice(changes, resets))
        except ScapyServerError:
            return None

    def _is_there(self, record: PacketRecord, setting: FieldSetting) -> bool:
        """Whether a packet has what is to be set within a field, as others have."""
        try:
            self._with_fields(Seen(record, self._core), [setting])
        except AbsentPartError as error:
            first = self._absent.setdefault(setting.path, error.problem)
            self.tally.kept[f"{setting.path} is not there to be set ({first})"] += 1
            return False
        return True

    def _reconstructed(self, seen: Seen, changes: list[Any]) -> bytes:
        """The frame with the changes: by a plan, or while one may be found, else bytes alone."""
        frame, link_type = seen.record.data, seen.record.link_type
        if not changes:
            return frame
        builder = self._core.builder
        if link_type == ETHERNET:
            planned = builder.plans.rewritten(frame, changes)
            if planned is None and builder.plans.wants_rewrite(frame, changes):
                planned = builder.reconstruct(frame, changes, link_type).json
            if planned is not None:
                return _rebuilt.decode(planned).binary or b""
        return self._changed(frame, seen.chain, changes)

    def _changed(self, frame: bytes, chain: list[TracedLayer], changes: list[Any]) -> bytes:
        if not changes:
            return frame
        model = parse_model(changes, self._core.registry, changing=True)
        return self._core.codec.edit(frame, chain, model)

    def _seen(self, record: PacketRecord, frame: bytes) -> Seen:
        return Seen(msgspec.structs.replace(record, data=frame), self._core)

    def _recomputed(
        self, record: PacketRecord, frame: bytes, touched: set[tuple[int, str]]
    ) -> bytes:
        if record.problem is not None:
            self.tally.kept["lengths and checksums stay, as not all of it was captured"] += 1
            return frame
        chain = self._core.codec.trace(frame, record.link_type)
        try:
            changes = recomputing(chain, self._core.registry, touched)
            return self._changed(frame, chain, changes)
        except ScapyServerError as error:
            self.tally.kept[f"lengths and checksums stay: {error.detail}"] += 1
            return frame

    def _fragmented(self, record: PacketRecord) -> Sequence[PacketRecord]:
        assert self._recipe.mtu is not None
        seen = self._seen(record, record.data)
        depth = next((k for k, name in enumerate(seen.layer_ids) if name in _IP), None)
        if depth is None:
            return (record,)
        if record.problem is not None:
            self.tally.kept["not fragmented, as not all of it was captured"] += 1
            return (record,)
        start = int(seen.layers[depth]["offset"])
        try:
            packets = fragmented(record.data[start:], self._recipe.mtu, record.number)
        except RefusedError as error:
            self.tally.kept[f"not fragmented: {error.detail}"] += 1
            return (record,)
        if len(packets) == 1:
            return (record,)
        frames = (record.data[:start] + packet for packet in packets)
        return [record.with_data(self._below(record, frame, depth)) for frame in frames]

    def _below(self, record: PacketRecord, frame: bytes, depth: int) -> bytes:
        """The frame of a fragment with the lengths of the layers that carry it."""
        chain = self._core.codec.trace(frame, record.link_type)
        return self._changed(frame, chain, recomputing(chain[:depth], self._core.registry))
