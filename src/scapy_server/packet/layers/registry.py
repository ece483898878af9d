"""Which layers exist: the ids that clients use and the Scapy classes behind them.

A `Registry` is made once at start from the loaded modules and never changes while
the server runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from scapy.packet import NoPayload, Packet

from scapy_server.errors import RefusedError, shown
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.header_lines import UNKNOWN
from scapy_server.wording import nearest

#: Names of fields that Scapy or the RPC document once used, by layer and today's name.
RENAMED_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Dot1Q": {"vtype": "type", "id": "dei"},
    "GRE": {"seqence_number": "sequence_number"},
    "IGMP": {"mrtime": "mrcode"},
}


class Registry:
    """The layer classes by id, with a reverse look-up and advice on misspelt names."""

    def __init__(self, layers: Iterable[LayerFacts]) -> None:
        self._by_id = {layer.id: layer for layer in layers}
        self._by_class = {layer.cls: layer for layer in self._by_id.values()}

    def __iter__(self) -> Iterator[LayerFacts]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, layer_id: object) -> bool:
        return layer_id in self._by_id

    def layer(self, layer_id: str) -> LayerFacts:
        """The layer of that id; RefusedError names the nearest known one."""
        try:
            return self._by_id[layer_id]
        except KeyError:
            hint = nearest(layer_id, self._by_id)
            raise RefusedError(f"there is no layer {shown(layer_id)}{hint}") from None

    def field(self, layer: LayerFacts, field_id: str) -> FieldFacts:
        """The field of that id or former name; RefusedError names the nearest known one."""
        found = layer.by_id.get(field_id)
        if found is None:
            found = layer.by_id.get(self._current_name(layer, field_id))
        if found is None:
            hint = nearest(field_id, layer.by_id)
            if not hint and UNKNOWN in layer.by_id:
                hint = f"; other header lines go by {shown(f'{UNKNOWN}.{field_id}')}"
            raise RefusedError(f"there is no field {shown(field_id)} in {layer.id}{hint}")
        return found

    def of_class(self, cls: type[Packet]) -> LayerFacts:
        """The facts of a class; of one that is not registered, made up under its own name."""
        try:
            return self._by_class[cls]
        except KeyError:
            facts = LayerFacts(id=cls.__name__, name=display_name(cls), cls=cls)
            self._by_class[cls] = facts
            return facts

    def id_of_class(self, cls: type[Packet]) -> str | None:
        """The id under which a class is registered, None if it is not."""
        facts = self._by_class.get(cls)
        return facts.id if facts is not None and self._by_id.get(facts.id) is facts else None

    def nearest_id(self, cls: type[Packet]) -> str:
        """The id of a class, or of the nearest registered class that it is derived from.

        Scapy keeps a few classes to itself; what is shown of them must be a known id.
        """
        for base in cls.__mro__:
            layer_id = self.id_of_class(base)
            if layer_id is not None:
                return layer_id
        return cls.__name__

    def bases(self, layer: LayerFacts) -> list[LayerFacts]:
        """The registered layers that `layer` is derived from, the nearest first."""
        found = (self.id_of_class(cls) for cls in layer.cls.__mro__[1:])
        return [self._by_id[layer_id] for layer_id in found if layer_id is not None]

    def given_below(self, cls: type[Packet]) -> Iterator[Iterable[str]]:
        """The fields of a class to which layers on it give values that were not given."""
        return (self._given_below.get(alias, ()) for alias in cls.aliastypes)

    @cached_property
    def _given_below(self) -> Mapping[type[Packet], set[str]]:
        given: dict[type[Packet], set[str]] = {}
        for layer in self:
            for lower, values in layer.cls._overload_fields.items():
                given.setdefault(lower, set()).update(values)
        return given

    def current_field_id(self, layer_id: str, field_id: str) -> str:
        """Today's id of a field that may go by a former one; what is unknown stays as it is."""
        layer = self._by_id.get(layer_id)
        if layer is None or field_id in layer.by_id:
            return field_id
        return self._current_name(layer, field_id) or field_id

    def _current_name(self, layer: LayerFacts, field_id: str) -> str:
        for cls in layer.cls.__mro__:
            renamed = RENAMED_FIELDS.get(cls.__name__, {})
            if field_id in renamed:
                return renamed[field_id]
            deprecated = getattr(cls, "deprecated_fields", None) or {}
            if field_id in deprecated:
                return str(deprecated[field_id][0])
        return ""


def display_name(cls: type[Packet]) -> str:
    """The protocol's name as Scapy shows it."""
    return str(cls._name or cls.__name__)


def describe_layers(
    classes: Iterable[type[Packet]], stand_ins: Mapping[str, type[Packet]] | None = None
) -> list[LayerFacts]:
    """Facts of each class under a unique id; stand-ins are by module and name of a class.

    On a clash the earlier class keeps the plain name and the later one is called
    `module.Class`, by the last part of its module's name or, if that is taken too, by
    all of it. Of classes that agree even in that the first stands for all.
    """
    taken: dict[str, LayerFacts] = {}
    for cls in classes:
        if cls is NoPayload:
            continue
        for prefix in ("", f"{cls.__module__.rpartition('.')[2]}.", f"{cls.__module__}."):
            if prefix + cls.__name__ not in taken:
                layer_id = prefix + cls.__name__
                stand_in = (stand_ins or {}).get(f"{cls.__module__}.{cls.__name__}")
                taken[layer_id] = LayerFacts(layer_id, display_name(cls), cls, stand_in)
                break
    return list(taken.values())
