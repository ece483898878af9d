"""Which packets of a capture are meant: by a condition on fields, and by a filter of libpcap."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec

from scapy_server.batch.recipe import Recipe, condition_of
from scapy_server.captures.bpf import Filter, NotAFilter, compiled
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.records import PacketRecord
from scapy_server.desk.filtering import Subject
from scapy_server.errors import RefusedError
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.field_tree import shown_id
from scapy_server.services.packets.core import Core


class _Tree(msgspec.Struct):
    data: list[dict[str, Any]]


class _Layers(msgspec.Struct):
    layers: list[str]


_trees = msgspec.json.Decoder(_Tree)
_summaries = msgspec.json.Decoder(_Layers)


class Seen:
    """A record, dissected as far as somebody asks."""

    def __init__(self, record: PacketRecord, core: Core) -> None:
        self.record = record
        self._core = core

    @cached_property
    def layers(self) -> Sequence[dict[str, Any]]:
        """Its field tree; nothing of an empty packet."""
        if not self.record.data:
            return []
        dissected = self._core.builder.dissect(self.record.data, self.record.link_type)
        return _trees.decode(dissected.json).data

    @cached_property
    def layer_ids(self) -> Sequence[str]:
        """The ids of its layers: by a plan, or while one may be found, else from the chain."""
        data, link_type = self.record.data, self.record.link_type
        if not data:
            return []
        builder = self._core.builder
        if link_type == ETHERNET:
            planned = builder.plans.summarised(data)
            line = None if planned is None else planned[0]
            if line is None and builder.plans.wants_rewrite(data, []):
                line = builder.summarise(data, link_type).json
            if line is not None:
                return _summaries.decode(line).layers
        return [shown_id(traced.packet, self._core.registry) for traced in self.chain]

    @cached_property
    def chain(self) -> list[TracedLayer]:
        """Its layers as they were dissected, which an edit uses up."""
        return self._core.codec.trace(self.record.data, self.record.link_type)


class Selector:
    """Chooses packets. Raises RefusedError or DeskError for a filter that is none."""

    def __init__(self, recipe: Recipe, registry: Registry) -> None:
        self._condition = condition_of(recipe, registry)
        self._bpf = recipe.bpf
        self._filters: dict[int, Filter | None] = {}
        if recipe.bpf is not None:
            self._filter(ETHERNET)

    def matches(self, seen: Seen) -> bool:
        """Whether a packet is meant; the cheaper of two questions is asked first."""
        record = seen.record
        if self._bpf is not None:
            lets_through = self._filter(record.link_type)
            if lets_through is not None and not lets_through(record.data):
                return False
        if self._condition is None:
            return True
        return self._condition(Subject(record.number, record.data, lambda: seen.layers))

    def _filter(self, link_type: int) -> Filter | None:
        if link_type not in self._filters:
            text = self._bpf or ""
            try:
                self._filters[link_type] = compiled(text, link_type)
            except NotAFilter as error:
                raise RefusedError(
                    f"--bpf {text!r} is no filter for packets of link type {link_type}: "
                    f"{error.reason}"
                ) from None
        return self._filters[link_type]
