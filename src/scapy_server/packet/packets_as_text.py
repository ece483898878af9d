"""Packets that an expression makes, and the expression that makes a packet.

Source: the first version of the RPC document, "Build Packet", "Get offsets of fields".
"""

from __future__ import annotations

import ast
import base64
from collections.abc import Iterator
from typing import Any

from scapy.fields import RawVal, StrFixedLenField
from scapy.packet import NoPayload, Packet, Raw

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import RefusedError, ScapyServerError, located, shown
from scapy_server.naming import layer_place
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.expressions.constructors import CONSTRUCTORS
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.expressions.grammar import parse
from scapy_server.packet.expressions.writing import expression_of
from scapy_server.packet.frames.assembly import assemble, stack
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.header_lines import has_lines
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import given_names, kept_bytes
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.tree.display import show


def packet_of(text: str, registry: Registry) -> Packet:
    """The packet that an expression makes.

    Raises as `evaluate` does, and RefusedError if the value is not a packet.
    """
    value = evaluate(text, registry)
    if not isinstance(value, Packet):
        raise RefusedError(f"a packet is made of layers, such as Ether()/IP(), not {shown(value)}")
    return value


def expression_of_frame(frame: bytes, registry: Registry, first_layer: str | None = None) -> str:
    """The expression that builds a frame, with every field written out.

    The frame begins with the layer of this id, Ethernet by default. Raises RefusedError for
    a frame that cannot be dissected so.
    """
    if not frame:
        raise RefusedError("an empty frame has nothing to dissect")
    limits.FRAME_BYTES.check(len(frame))
    root = registry.layer(first_layer or root_layer_id(ETHERNET, frame)).cls
    return expression_of(trace_chain(root, frame)[0].packet, registry, read=frame)


def expression_of_model(raw_model: list[Any], registry: Registry) -> str:
    """The expression that builds what a model builds, with the values that the model gives.

    Raises RefusedError for a model that is none.
    """
    layers = PacketCodec(registry).layers_of(parse_model(raw_model, registry))
    return expression_of(layers[0].packet, registry)


def imports_of(text: str, registry: Registry) -> list[str]:
    """The import statements with which the expression also runs in Python."""
    names: dict[str, set[str]] = {}
    for node in ast.walk(parse(text)[1]):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        made = registry.layer(name).cls if name in registry else CONSTRUCTORS[name].makes
        if made is None or made.__module__ == "builtins":
            continue
        module = made.__module__
        if "." in name:  # a layer under the name of its module
            module, _, name = module.rpartition(".")
        names.setdefault(module, set()).add(name)
    return [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]


def model_of(packet: Packet, registry: Registry) -> list[dict[str, Any]]:
    """A packet model, as clients send it, with the fields that the packet was given.

    It builds the bytes that the packet builds: layers that do not write what they read, as
    many ways of writing a text protocol, are its bytes from there on, and so are layers that no
    model can name. Raises RefusedError if that is the first one, and for such a value.
    """
    layers = list(_layers(packet))
    ids = [registry.of_class(type(layer)).id for layer in layers]
    nameless = (depth for depth, layer_id in enumerate(ids) if layer_id not in registry)
    named = next(nameless, len(layers)) or 1  # Scapy's own dissection has layers without an id
    model = [_layer_model(layer, depth, registry) for depth, layer in enumerate(layers[:named])]
    if named == len(layers) and all(kept_bytes(layer) is None for layer in layers):
        return model
    whole = assemble(layers, ids)
    for depth in range(named, 0, -1):
        tried = model[:depth]
        if depth < len(layers):
            tried.append(_bytes_model(whole.frame[whole.starts[depth] :]))
        if _builds(tried, whole.frame, registry):
            return tried
    return model if named == len(layers) else tried


def _builds(model: list[dict[str, Any]], frame: bytes, registry: Registry) -> bool:
    try:
        built = PacketCodec(registry).place(parse_model(model, registry)).frame
    except ScapyServerError:
        return False
    return built == frame


def _bytes_model(data: bytes) -> dict[str, Any]:
    value = {"vtype": "BYTES", "base64": base64.b64encode(data).decode()}
    return {"id": "Raw", "fields": [{"id": "load", "value": value}]}


def _layer_model(layer: Packet, depth: int, registry: Registry) -> dict[str, Any]:
    facts = registry.of_class(type(layer))
    with located(layer_place(depth, facts.id)):
        if facts.id not in registry:
            raise RefusedError("this layer has no id that a model could name")
        fields = [
            {"id": field.id, "value": _model_value(layer, field, registry)}
            for field in _given(layer, facts.fields)
        ]
    if isinstance(layer, Raw) and not fields:
        # A Raw layer of an expression is empty unless told otherwise, one of a model is not.
        return _bytes_model(b"")
    return {"id": facts.id, "fields": fields}


def layer_texts(packet: Packet, registry: Registry) -> list[str]:
    """The expression of each layer on its own: `["Ether()", "IP(ttl=9)"]`."""
    layers = list(_layers(packet))
    for layer in layers:
        layer.remove_payload()
    texts = [_text_alone(layer, registry) for layer in layers]
    stack(layers)
    return texts


def multi_line_text(packet: Packet, frame: bytes) -> str:
    """Scapy's `show2` of a built packet: the dissected frame, one field per line."""
    try:
        shown_packet = trace_chain(type(packet), frame)[0].packet if frame else packet
    except RefusedError:
        shown_packet = packet  # it cannot read its own bytes, so show what was asked for
    try:
        return str(shown_packet.show(dump=True))
    except Exception as error:
        raise RefusedError(
            f"the packet cannot be shown as text ({type(error).__name__})"
        ) from error


def _text_alone(layer: Packet, registry: Registry) -> str:
    try:
        return expression_of(layer, registry)
    except ScapyServerError:
        return f"{registry.of_class(type(layer)).id}()"


def _layers(packet: Packet) -> Iterator[Packet]:
    while not isinstance(packet, NoPayload):
        payload = packet.payload
        yield packet
        packet = payload


def _given(layer: Packet, fields: tuple[FieldFacts, ...]) -> Iterator[FieldFacts]:
    """The fields that hold something of their own, each id once."""
    dissected = kept_bytes(layer) is not None
    given = given_names(layer)
    seen = set()
    if has_lines(layer):  # which are written in the order in which they were given
        by_id = {field.id: field for field in fields}
        fields = tuple(by_id[name] for name in layer.fields)
    for field in fields:
        if field.id in seen or field.id not in layer.fields:
            continue
        seen.add(field.id)
        value = layer.fields[field.id]
        # Scapy puts an empty list of its own into each new layer.
        if (
            dissected
            or field.id in given
            or value not in ([], {}, set())
            or layer.default_fields.get(field.id)
        ):
            yield field


def _model_value(layer: Packet, field: FieldFacts, registry: Registry) -> Any:
    value = layer.fields[field.id]
    if value is None:
        return {"vtype": "UNDEFINED"}
    here = field.for_packet(layer)
    is_padded = here.kind is not Kind.BYTES or isinstance(here.inner, StrFixedLenField)
    if isinstance(value, RawVal) and is_padded:
        return {"vtype": "EXPRESSION", "expr": f"RawVal({bytes(value)!r})"}
    return show(layer, here, value, registry)[0]
