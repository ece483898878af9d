"""Layers and fields that people name before any packet is read: in `--set` and `--where`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scapy_server.desk.filtering import OWN_NAMES, Check
from scapy_server.errors import RefusedError, located, shown
from scapy_server.naming import split_name
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.held import held_layers
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.comparing import check_comparable
from scapy_server.packet.values.paths import MEMBERS, PAYLOAD, split_path
from scapy_server.wording import nearest


@dataclass(frozen=True)
class NamedField:
    """A field of the `occurrence`-th layer (from 0) of an id; `field_id` may be a part's path."""

    layer_id: str
    occurrence: int
    field_id: str
    facts: FieldFacts


def field_named(path: str, registry: Registry) -> NamedField:
    """The field of `IP.src`, `IP:1.src` or `DNS.qd[0].qname`; RefusedError if there is none."""
    for layer, field_id in _splits(path):
        try:
            layer_id, occurrence = split_name(layer)
        except ValueError:
            continue
        if layer_id in registry:
            facts = registry.field(registry.layer(layer_id), re.split(r"[.\[]", field_id)[0])
            return NamedField(layer_id, occurrence, field_id, facts)
    layer = path.partition(".")[0]
    if layer == path:
        raise RefusedError("a field is written LAYER.FIELD, such as IP.ttl, or IP:1.ttl")
    registry.layer(layer.partition(":")[0])
    raise RefusedError(f"{shown(layer)} is no layer; write IP, or IP:1 for the second IP")


def check_parts(named: NamedField, registry: Registry) -> None:
    """Raise RefusedError for a path within a field by a name that nothing has.

    Of what a field may hold not all is known before packets are read, so a name passes that
    any layer has.
    """
    holders = [named.facts]
    for step in split_path(named.field_id)[1]:
        if not isinstance(step, str) or step in (*MEMBERS, PAYLOAD):
            continue
        ids = list(dict.fromkeys(one for each in holders for one in held_layers(each, registry)))
        if not ids:
            return
        layers = [registry.layer(layer_id) for layer_id in ids]
        holders = [layer.by_id[step] for layer in layers if step in layer.by_id]
        if not holders and not any(step in layer.by_id for layer in registry):
            names = dict.fromkeys(name for layer in layers for name in layer.by_id)
            held = ids[0] if len(ids) == 1 else f"what {named.facts.id} may hold"
            raise RefusedError(f"there is no field {shown(step)} in {held}{nearest(step, names)}")


def check_with(registry: Registry) -> Check:
    """Refuses the conditions that hold for no packet, as they name or compare with nothing."""

    def check(name: str, values: Sequence[str]) -> None:
        with located(f"--where {name}"):
            if "." not in name:
                _check_layer(name, registry)
                return
            named = field_named(name, registry)
            check_parts(named, registry)
            if named.field_id == named.facts.id:
                for value in values:
                    check_comparable(named.facts, value)

    return check


def _check_layer(name: str, registry: Registry) -> None:
    layer_id = name.partition(":")[0]
    if layer_id not in registry:
        hint = nearest(layer_id, [*(layer.id for layer in registry), *OWN_NAMES])
        raise RefusedError(f"there is no layer {shown(layer_id)}{hint}")


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Layer and field, the longest layer first: ids of layers may hold dots themselves."""
    for at in reversed([at for at, letter in enumerate(path) if letter == "."]):
        yield path[:at], path[at + 1 :]
