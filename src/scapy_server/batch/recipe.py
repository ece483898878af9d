"""What is to become of packets, as people write it, checked before any packet is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from scapy_server.batch.named import check_parts, check_with, field_named
from scapy_server.desk.errors import DeskError
from scapy_server.desk.filtering import Condition, parse_filter
from scapy_server.desk.typed import from_hex, value_of
from scapy_server.errors import RefusedError, located, shown
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model

T = TypeVar("T")

#: RFC 791, section 3.2: every module must be able to forward packets of 68 bytes.
SMALLEST_MTU, LARGEST_MTU = 68, 65_535
LARGEST_SEED = (1 << 63) - 1
_AT = re.compile(r"@(0[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})\Z")


class Recipe(msgspec.Struct, frozen=True):
    """What is done to packets, in this order; texts as people wrote them.

    `where` and `bpf` choose packets, and `only` drops the others. `sets` are `FIELD=VALUE`;
    `fuzz` is a seed, `mtu` the size of fragments.
    """

    where: str | None = None
    bpf: str | None = None
    only: bool = False
    sets: tuple[str, ...] = ()
    fuzz: int | None = None
    recompute: bool = False
    mtu: int | None = None

    @property
    def chooses(self) -> bool:
        """Whether not every packet is meant."""
        return self.where is not None or self.bpf is not None

    @property
    def changes(self) -> bool:
        """Whether packets that are meant are to become others."""
        asked = self.sets or self.fuzz is not None or self.recompute or self.mtu is not None
        return bool(asked)

    @property
    def changes_nothing(self) -> bool:
        """Whether every packet stays as it is, and stays."""
        return not self.changes and not (self.only and self.chooses)


class FieldSetting(msgspec.Struct, frozen=True):
    """A value for a field of the `occurrence`-th layer (from 0) of an id, if there is one."""

    path: str
    layer_id: str
    occurrence: int
    field_id: str
    value: Any


class BytesSetting(msgspec.Struct, frozen=True):
    """Bytes to stand at a place of a packet, counted from 0."""

    path: str
    place: int
    data: bytes


Setting = FieldSetting | BytesSetting


def settings_of(recipe: Recipe, registry: Registry) -> tuple[Setting, ...]:
    """The settings of a recipe; RefusedError for what names or means nothing."""
    return tuple(_setting(text, registry) for text in recipe.sets)


def condition_of(recipe: Recipe, registry: Registry) -> Condition | None:
    """What `where` asks of a packet.

    Raises DeskError where it is no filter, RefusedError where it names nothing that there is.
    """
    return None if recipe.where is None else parse_filter(recipe.where, check_with(registry))


def _setting(text: str, registry: Registry) -> Setting:
    path, equals, written = text.partition("=")
    path = path.strip()
    if not equals or not path:
        raise RefusedError(
            f"--set takes FIELD=VALUE such as IP.src=192.0.2.1, or @37=1f, not {shown(text)}"
        )
    with located(f"--set {path}"):
        if path.startswith("@"):
            return _bytes_setting(path, written)
        setting = _field_setting(path, _read(value_of, written.strip()), registry)
        model = [{"id": setting.layer_id, "fields": [_change(setting)]}]
        parse_model(model, registry, changing=True)
        return setting


def _read(reader: Callable[[str], T], written: str) -> T:
    """What a reader makes of a typed value, whose refusals are to be told with the option."""
    try:
        return reader(written)
    except DeskError as error:
        raise RefusedError(str(error)) from None


def _bytes_setting(path: str, written: str) -> BytesSetting:
    found = _AT.match(path)
    if found is None:
        raise RefusedError("a place is @ and a byte's number from 0, such as @37 or @0x25")
    data = _read(from_hex, written)
    if not data:
        raise RefusedError("give the bytes in hexadecimal, such as @37=1f")
    return BytesSetting(path, int(found[1], 0), data)


def _field_setting(path: str, value: Any, registry: Registry) -> FieldSetting:
    named = field_named(path, registry)
    check_parts(named, registry)
    return FieldSetting(path, named.layer_id, named.occurrence, named.field_id, value)


def _change(setting: FieldSetting) -> dict[str, Any]:
    return {"id": setting.field_id, "value": setting.value}


def changes_of(
    settings: Sequence[FieldSetting], layer_ids: Sequence[str]
) -> tuple[list[dict[str, Any]], set[tuple[int, str]]]:
    """The changes, as `reconstruct_pkt` takes them, for a packet of these layers.

    Also the depth and id of each field that they name; settings of layers that the packet has
    not are left out.
    """
    depths: dict[str, list[int]] = {}
    for depth, layer_id in enumerate(layer_ids):
        depths.setdefault(layer_id, []).append(depth)
    fields: dict[int, list[dict[str, Any]]] = {}
    for setting in settings:
        found = depths.get(setting.layer_id, ())
        if setting.occurrence < len(found):
            fields.setdefault(found[setting.occurrence], []).append(_change(setting))
    if not fields:
        return [], set()
    model = [
        {"id": layer_id, "fields": fields[depth]} if depth in fields else {"id": layer_id}
        for depth, layer_id in enumerate(layer_ids[: max(fields) + 1])
    ]
    touched = {(depth, str(each["id"])) for depth, given in fields.items() for each in given}
    return model, touched
