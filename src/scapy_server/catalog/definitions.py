"""The protocols and their fields as `get_definitions` tells them.

Every layer of the registry is described, direct subclass of Scapy's Packet or not:
from its facts, with what the data files say of it and of the layers that it is derived
from laid over them.

Source: RPC document, "Get protocol definitions".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import UNSET, UnsetType

from scapy_server.catalog.describe import MAC_REGEX, describe, format_of, number_range
from scapy_server.catalog.handwritten import (
    REST,
    DataFile,
    FieldEntry,
    Handwritten,
    ProtocolEntry,
    own_files,
    read_file,
)
from scapy_server.errors import RefusedError, located
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.held import held_layers
from scapy_server.packet.layers.registry import Registry
from scapy_server.schema.definitions import (
    FieldDefinition,
    FieldType,
    ProtocolDefinition,
)


class Definitions:
    """The definitions of layers, each made when it is first asked for.

    `extra_files` are an operator's data files; RefusedError names the file and the
    place where one cannot be used.
    """

    def __init__(self, registry: Registry, extra_files: Sequence[Path] = ()) -> None:
        self._registry = registry
        extra = [read_file(path) for path in extra_files]
        for file in extra:
            check_file(file, registry)
        self.handwritten = Handwritten([*own_files(), *extra])
        self._made: dict[str, ProtocolDefinition] = {}

    def select(self, ids: Iterable[str]) -> list[ProtocolDefinition]:
        """The layers asked for, protocols or not, in that order and each once.

        RefusedError for an id that there is not, with the nearest known one.
        """
        return [self._definition(self._registry.layer(layer_id)) for layer_id in dict.fromkeys(ids)]

    def _definition(self, layer: LayerFacts) -> ProtocolDefinition:
        made = self._made.get(layer.id)
        if made is None:
            made = self._made[layer.id] = self._make(layer)
        return made

    def _make(self, layer: LayerFacts) -> ProtocolDefinition:
        forms = _forms(layer)
        fields = {field_id: describe(same_id) for field_id, same_id in forms.items()}
        for owner in self._describers(layer):
            for entry in self.handwritten.fields(owner.id):
                field_id = _current_id(self._registry, owner, entry.id)
                if field_id in forms and _is_inherited(forms[field_id][0], owner):
                    fields[field_id] = overlay(fields[field_id], entry, forms[field_id])
        for field_id, same_id in forms.items():
            held = [each for form in same_id for each in held_layers(form, self._registry)]
            if held:
                parts = list(dict.fromkeys(held))
                fields[field_id] = msgspec.structs.replace(fields[field_id], parts=parts)
        name = self.handwritten.name(layer.id) or layer.name
        return ProtocolDefinition(layer.id, name, list(fields.values()))

    def _describers(self, layer: LayerFacts) -> list[LayerFacts]:
        """The layers whose data hold for `layer`, the most general first.

        Besides those it is derived from, that is the one it stands for: a new NTP is an
        NTPHeader.
        """
        built = self._registry.id_of_class(layer.built_class)
        stands_for = [] if built in (None, layer.id) else [self._registry.layer(str(built))]
        return [*reversed(self._registry.bases(layer)), *stands_for, layer]


def overlay(
    derived: FieldDefinition, entry: FieldEntry, same_id: Sequence[FieldFacts]
) -> FieldDefinition:
    """The derived definition with a data file's entry laid over it.

    With a change of type go the members that belong to the former type. A range is kept
    where the editor can check it, and a pattern is given where the field has no other form.
    RefusedError if an ENUM is left without values or a BITMASK without bits.
    """
    field_type = _type_of(entry, derived)
    forms = [form for field in same_id for form in field.alternatives]
    if field_type == derived.type:
        base = derived
    else:
        base = FieldDefinition(derived.id, derived.name, field_type, derived.format, derived.auto)
        if field_type == "NUMBER":
            base = msgspec.structs.replace(base, **number_range(forms))
        elif field_type == "MAC_ADDRESS" and all(form.kind is Kind.MAC for form in forms):
            base = msgspec.structs.replace(base, regex=MAC_REGEX)
    members = ("name", "auto", "min", "max", "regex", "values_dict")
    given = {name: getattr(entry, name) for name in members if getattr(entry, name) is not UNSET}
    if any(format_of(form) != "decimal" for form in forms):
        given = {name: value for name, value in given.items() if name not in ("min", "max")}
    if entry.bits is not UNSET:
        given["bits"] = [bit.as_bit() for bit in entry.bits]
    result = msgspec.structs.replace(base, **given)
    if result.type == "ENUM" and result.values_dict is UNSET:
        raise RefusedError("an ENUM needs values or a values_dict")
    if result.type == "BITMASK" and result.bits is UNSET:
        raise RefusedError("a BITMASK needs bits")
    return result


def _type_of(entry: FieldEntry, derived: FieldDefinition) -> FieldType | UnsetType:
    """The type that the entry names or, by the members that it gives, implies."""
    if entry.type is not UNSET:
        return entry.type
    if entry.bits is not UNSET:
        return "BITMASK"
    if entry.values_dict is not UNSET:
        return "ENUM"
    return derived.type if entry.min is UNSET else "NUMBER"


def check_file(file: DataFile, registry: Registry) -> None:
    """RefusedError unless every layer, field and payload of a data file exists and fits."""
    for position, protocol in enumerate(file.protocols):
        with located(file.name), located(f"protocol {position} ({protocol.id})"):
            _check_protocol(protocol, registry)


def _check_protocol(protocol: ProtocolEntry, registry: Registry) -> None:
    layer = registry.layer(protocol.id)
    forms = _forms(layer)
    for entry in protocol.fields:
        with located(f"field {entry.id}"):
            same_id = forms[registry.field(layer, entry.id).id]
            overlay(describe(same_id), entry, same_id)
    payloads = [] if protocol.payloads is UNSET else protocol.payloads
    for payload in payloads:
        if payload != REST:
            with located("payloads"):
                registry.layer(payload)


def _forms(layer: LayerFacts) -> dict[str, list[FieldFacts]]:
    forms: dict[str, list[FieldFacts]] = {}
    for field in layer.fields:
        forms.setdefault(field.id, []).append(field)
    return forms


def _current_id(registry: Registry, layer: LayerFacts, field_id: str) -> str | None:
    """Today's name of a field; None where this version of Scapy has no such field."""
    try:
        return registry.field(layer, field_id).id
    except RefusedError:
        return None


def _is_inherited(field: FieldFacts, owner: LayerFacts) -> bool:
    """Whether the field is the owner's own, or its like in a layer derived from it."""
    original = owner.by_id.get(field.id)
    return original is not None and (original.class_name, original.bits) == (
        field.class_name,
        field.bits,
    )
