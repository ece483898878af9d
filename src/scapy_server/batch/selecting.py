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
from scapy_server.packet.plans.answering import PacketBuilder


class _Tree(msgspec.Struct):
    data: list[dict[str, Any]]


class _Layers(msgspec.Struct):
    layers: list[str]


_trees = msgspec.json.Decoder(_Tree)
_summaries = msgspec.json.Decoder(_Layers)


class Seen:
    """A record, dissected as far as somebody asks."""

    def __init__(self, record: PacketRecord, builder: PacketBuilder) -> None:
        self.record = record
        self._builder = builder

    @cached_property
    def layers(self) -> Sequence[dict[str, Any]]:
        """Its field tree; nothing of an empty packet."""
        if not self.record.data:
            return []
        dissected = self._builder.dissect(self.record.data, self.record.link_type)
        return _trees.decode(dissected.json).data

    @cached_property
    def layer_ids(self) -> Sequence[str]:
        """The ids of its layers."""
        if not self.record.data:
            return []
        summary = self._builder.summarise(self.record.data, self.record.link_type)
        return _summaries.decode(summary.json).layers


class Selector:
    """Chooses packets. Raises RefusedError or DeskError for a filter that is none."""

    def __init__(self, recipe: Recipe) -> None:
        self._condition = condition_of(recipe)
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
        return self._condition(Subject(record.number, len(record.data), lambda: seen.layers))

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
