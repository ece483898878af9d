"""The long way from a request to its JSON, and what was made on it, which planners look at too."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from scapy_server.captures.link_types import ETHERNET
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.models.model import Model, parse_model
from scapy_server.packet.plans.read_work import work_of_line, work_of_tree
from scapy_server.packet.tree.field_tree import FieldTree
from scapy_server.schema.results import PacketResult

#: A layer takes as long to be read and shown, and watched, as so many fields, besides its own.
_FIELDS_OF_A_LAYER = 4


class Reached(NamedTuple):
    """What the long way led to: the field tree, what of it is handed out, and the JSON of that.

    `model` is what was asked for, as parsed. `real` are the layers of a frame without changes,
    which tell the line on it as well.
    """

    model: Model
    tree: FieldTree
    result: PacketResult
    json: bytes
    real: list[TracedLayer] | None = None

    @property
    def work(self) -> int:
        """What it takes to go it, as about so many fields: as much on every machine."""
        layers = _FIELDS_OF_A_LAYER * len(self.result.data)
        return layers + work_of_tree(self.json, (), self.tree.written) + self.tree.spent

    @property
    def work_to_read(self) -> int:
        """What it takes to read and show a frame without changes, as of an `Answer`."""
        return work_of_tree(self.json, self.real or (), self.tree.written)

    @property
    def work_of_line(self) -> int:
        """What it takes to read it for its line."""
        return work_of_line(self.real or ())


class LongWay:
    """Answers as if nothing had been asked before.

    Its methods raise what `parse_model` and the codec raise.
    """

    def __init__(self, codec: PacketCodec) -> None:
        self._codec = codec
        self._encode = msgspec.json.Encoder().encode

    def build(self, raw_model: Any, link_type: int | None = None) -> Reached:
        """The packet that a model describes, read as a frame of a link type if one is given."""
        model = parse_model(raw_model, self._codec.registry)
        return self._reached(model, self._codec.built(model, link_type))

    def reconstruct(self, frame: bytes, raw_changes: Any, link_type: int = ETHERNET) -> Reached:
        """A frame with changes."""
        changes = parse_model(raw_changes, self._codec.registry, changing=True)
        real = self._codec.trace(frame, link_type)
        tree = self._codec.changed(frame, real, changes)
        return self._reached(changes, tree, None if changes else real)

    def _reached(
        self, model: Model, tree: FieldTree, real: list[TracedLayer] | None = None
    ) -> Reached:
        result = tree.result()
        return Reached(model, tree, result, self._encode(result), real)
