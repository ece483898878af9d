"""The door of the package: models and bytes in, results out."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from scapy.packet import NoPayload, Packet, Raw

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import RefusedError, located
from scapy_server.naming import layer_place
from scapy_server.packet.edits.edited import EditedFrame
from scapy_server.packet.edits.editor import Editor
from scapy_server.packet.frames.assembly import Assembled, assemble, stack
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.frames.tracer import TracedLayer, trace_chain
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import detach_payload, link, new_layer, stack_on
from scapy_server.packet.models.budget import ModelBudget
from scapy_server.packet.models.field_writer import FieldWriter
from scapy_server.packet.models.model import LayerSpec, Model
from scapy_server.packet.tree.field_tree import (
    FieldTree,
    RequestedLayer,
    shown_id,
)
from scapy_server.packet.tree.info import info_parts, line
from scapy_server.schema.results import PacketResult, Summary

#: What a Raw layer of a model holds until told otherwise; the packet editor relies on it.
DEFAULT_PAYLOAD = b"dummy"


class PacketCodec:
    """Builds and dissects packets over a fixed set of layers.

    Every method raises RefusedError (or ExpressionSyntaxError), located, and nothing else.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def build(self, model: Model, link_type: int | None = None) -> PacketResult:
        """Build a packet from a model and show it as the bytes read.

        Where a link type is given they are read as a frame of it begins, else as the model.
        """
        return self.built(model, link_type).result()

    def built(self, model: Model, link_type: int | None = None) -> FieldTree:
        """As `build`, to be asked for the fields and for where these lie."""
        return self._show(self.layers_of(model), link_type=link_type)

    def frame_of(self, model: Model) -> bytes:
        """A packet's bytes alone: they are not read again to show where its fields lie."""
        return _assemble(self.layers_of(model)).frame

    def layers_of(self, model: Model) -> list[RequestedLayer]:
        """The layers of a model with their fields set, stacked, not built yet."""
        if not model:
            raise RefusedError("a packet model needs at least one layer")
        layers: list[RequestedLayer] = []
        budget = ModelBudget()
        for spec in model:
            self._append(layers, spec, budget)
        return layers

    def build_packet(self, packet: Packet) -> PacketResult:
        """Build a layer and what it carries, as an expression makes them."""
        layers: list[RequestedLayer] = []
        while not isinstance(packet, NoPayload):
            layers.append(RequestedLayer(self.registry.of_class(type(packet)).id, packet))
            packet = packet.payload
        return self._show(layers).result()

    def place(self, model: Model) -> BuiltPacket:
        """Build a packet and say where its fields lie."""
        return self.built(model).layout()

    def dissect(self, frame: bytes, link_type: int = ETHERNET) -> PacketResult:
        """The field tree of a captured frame."""
        return self.tree_of(frame, self.trace(frame, link_type)).result()

    def tree_of(self, frame: bytes, real: list[TracedLayer]) -> FieldTree:
        """The field tree of a frame; `real` is what `trace` gave."""
        return self._as_it_is(frame, real, self._requested(real))

    def summarise(self, frame: bytes, link_type: int = ETHERNET) -> Summary:
        """What a captured frame is, without its fields."""
        return self.sum_up(self.trace(frame, link_type))

    def sum_up(self, real: list[TracedLayer]) -> Summary:
        """What a frame is; `real` is what `trace` gave."""
        chain = [traced.packet for traced in real]
        ids = [shown_id(packet, self.registry) for packet in chain]
        text = line(info_parts(chain), chain, self.registry)
        return Summary(text, ids, _problem(real))

    def reconstruct(self, frame: bytes, changes: Model, link_type: int = ETHERNET) -> PacketResult:
        """Dissect a frame, apply the changes depth by depth, build it again.

        Fields that are not changed keep their bytes: lengths and checksums too, unless
        they are reset to be computed.
        """
        return self.reconstructed(frame, changes, link_type).result()

    def reconstructed(self, frame: bytes, changes: Model, link_type: int = ETHERNET) -> FieldTree:
        """As `reconstruct`, to be asked for the fields and for where these lie."""
        return self.changed(frame, self.trace(frame, link_type), changes)

    def changed(self, frame: bytes, real: list[TracedLayer], changes: Model) -> FieldTree:
        """As `reconstructed`; `real` is what `trace` gave, and is used up by changes."""
        return self._show_edited(frame, real, self._edited(frame, real, changes))

    def edit(self, frame: bytes, real: list[TracedLayer], changes: Model) -> bytes:
        """As `reconstruct`, the bytes alone; `real` is what `trace` gave, and is used up."""
        data = bytes(self._edited(frame, real, changes).data)
        limits.FRAME_BYTES.check(len(data))
        return data

    def _edited(self, frame: bytes, real: list[TracedLayer], changes: Model) -> EditedFrame:
        """The frame with the changes applied, and nothing shown of it."""
        edited = EditedFrame(frame, real, [layer.id for layer in self._requested(real)])
        editor = Editor(edited, self.registry)
        for depth, spec in enumerate(changes):
            if spec.delete and depth <= len(real):  # among appended layers it means nothing
                edited.cut(depth)
                break
            if depth < len(edited.layers):
                editor.change(depth, spec)
            else:
                self._put_behind(editor, depth, spec)
        editor.compute()
        return edited

    def _put_behind(self, editor: Editor, depth: int, spec: LayerSpec) -> None:
        layers = [RequestedLayer(layer.id, layer.packet) for layer in editor.frame.layers]
        self._append(layers, spec, editor.budget)
        with located(layer_place(depth, spec.id)):
            editor.append(layers[-1].packet, spec.id)

    def _show_edited(self, frame: bytes, real: list[TracedLayer], edited: EditedFrame) -> FieldTree:
        if not edited.layers:
            return FieldTree([], Assembled(b"", (), ()), [], self.registry)
        layers = [RequestedLayer(each.id, each.packet, each.rebuilt) for each in edited.layers]
        data = bytes(edited.data)
        limits.FRAME_BYTES.check(len(data))
        starts = tuple(layer.start for layer in edited.layers)
        ends = tuple(layer.end for layer in edited.layers)
        reset = any(layer.reset for layer in edited.layers)  # packets that lack what is shown
        if data == frame and len(layers) == len(real) and not reset:
            return self._as_it_is(frame, real, layers)
        if data != frame or reset:
            try:
                real = trace_chain(type(layers[0].packet), data) if data else []
            except RefusedError:
                real = []  # not even its own first layer can read it
        built = Assembled(data, starts, ends)
        return FieldTree(layers, built, real, self.registry, _problem(real))

    def _requested(self, real: list[TracedLayer]) -> list[RequestedLayer]:
        return [RequestedLayer(shown_id(t.packet, self.registry), t.packet) for t in real]

    def trace(self, frame: bytes, link_type: int) -> list[TracedLayer]:
        """The layers of a captured frame; Raw, if not even the first one can be read."""
        if not frame:
            raise RefusedError("an empty frame has nothing to dissect")
        limits.FRAME_BYTES.check(len(frame))
        try:
            return trace_chain(self.root_of(frame, link_type), frame)
        except RefusedError as error:
            return [replace(trace_chain(Raw, frame)[0], problem=error.problem)]

    def root_of(self, frame: bytes, link_type: int) -> type[Packet]:
        """The class that reads a captured frame from its first byte on."""
        return self.registry.layer(root_layer_id(link_type, frame)).cls

    def _as_it_is(
        self, frame: bytes, real: list[TracedLayer], layers: list[RequestedLayer]
    ) -> FieldTree:
        """A frame without changes."""
        return FieldTree(layers, _as_read(frame, real), real, self.registry, _problem(real))

    def _show(
        self,
        layers: list[RequestedLayer],
        link_type: int | None = None,
    ) -> FieldTree:
        built = _assemble(layers)
        root = type(layers[0].packet)
        if link_type is not None:
            root = self.root_of(built.frame, link_type)
        try:
            real = trace_chain(root, built.frame) if built.frame else []
        except RefusedError:
            real = []  # not even its own first layer can read it
        return FieldTree(layers, built, real, self.registry)

    def _append(self, layers: list[RequestedLayer], spec: LayerSpec, budget: ModelBudget) -> None:
        with located(layer_place(len(layers), spec.id)):
            packet = _fresh(self.registry.layer(spec.id))
        layers.append(RequestedLayer(spec.id, packet))
        if len(layers) > 1:
            stack_on(layers[-2].packet, packet)
        self._write(layers, len(layers) - 1, spec, budget)

    def _write(
        self, layers: list[RequestedLayer], depth: int, spec: LayerSpec, budget: ModelBudget
    ) -> None:
        def length_so_far() -> int:
            below = layers[: depth + 1]
            payload = detach_payload(below[-1].packet)
            length = len(_assemble(below).frame)
            if not isinstance(payload, NoPayload):
                link(below[-1].packet, payload)
            return length

        with located(layer_place(depth, spec.id)):
            packet = layers[depth].packet
            FieldWriter(packet, self.registry, budget, length_so_far).write(spec.fields)


def _problem(real: list[TracedLayer]) -> str | msgspec.UnsetType:
    """Why the first layer is Raw that was to be another one."""
    problems = (traced.problem for traced in real if traced.problem)
    return next(problems, msgspec.UNSET)


def _fresh(facts: LayerFacts) -> Packet:
    try:
        packet = new_layer(facts.built_class, None)
    except Exception as error:
        raise RefusedError(f"{facts.id} cannot stand in a model: it has no defaults") from error
    if type(packet) is Raw:
        packet.setfieldval("load", DEFAULT_PAYLOAD)
    return packet


def _as_read(frame: bytes, real: list[TracedLayer]) -> Assembled:
    """Where a frame's own dissection has its layers."""
    starts = tuple(traced.offset for traced in real)
    return Assembled(frame, starts, tuple(traced.header_end for traced in real))


def _assemble(layers: list[RequestedLayer]) -> Assembled:
    packets = [layer.packet for layer in layers]
    stack(packets)
    return assemble(packets, [layer.id for layer in layers])
