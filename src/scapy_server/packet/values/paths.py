"""Paths to what a field holds: `qd[0].qname`, `options[1].value`, `Unknown_Headers.X-Test`.

A path begins with a field of a layer. `[n]` is an item of its list, and a name is a field of
the packet that was reached, `payload` what that packet carries, a member of an option or a
header line. A field that holds one packet may be followed by a name at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from scapy.packet import NoPayload, Packet

from scapy_server.errors import RefusedError, shown
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.wording import nearest

Step = int | str

_PATH = re.compile(r"([^\[\].]+)((?:\[[0-9]{1,6}\]|\.[^\[\].]+)+)")
_STEP = re.compile(r"\[([0-9]+)\]|\.([^\[\].]+)")

#: The members of options by which a path goes on, whatever they are called.
MEMBERS = ("kind", "code", "type", "length", "value")
PAYLOAD = "payload"


class AbsentPartError(RefusedError):
    """The packet has not what a path leads to, as another packet may have."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to: a field of a packet, or something in the value of that field.

    `around` are the packets and fields on the way, from the layer inwards; the last is the
    target's own. `index` is an item of its list (as many as it has, where something is to be
    put behind it), `member` a part of that item, `key` a name in its dictionary, and `carried`
    is what the packet that the field holds carries.
    """

    around: tuple[tuple[Packet, FieldFacts], ...]
    index: int | None = None
    member: str | None = None
    key: Any = None
    carried: Packet | None = None

    @property
    def packet(self) -> Packet:
        """The packet that holds the field."""
        return self.around[-1][0]

    @property
    def field(self) -> FieldFacts:
        """The field."""
        return self.around[-1][1]

    @property
    def is_a_field(self) -> bool:
        """Whether it is the whole field."""
        return self.index is None and self.key is None and self.carried is None

    def refuse_payload(self) -> None:
        """Raise RefusedError if it is a payload: that is looked at and changed by its fields."""
        if self.carried is not None:
            raise RefusedError("a payload is changed field by field")


def split_path(text: str) -> tuple[str, tuple[Step, ...]]:
    """The field that a path begins with, and the steps from it; none of other text."""
    found = _PATH.fullmatch(text)
    if not found:
        return text, ()
    steps = (
        int(step.group(1)) if step.group(1) else step.group(2)
        for step in _STEP.finditer(found.group(2))
    )
    return found.group(1), tuple(steps)


def follow(
    registry: Registry, packet: Packet, field: FieldFacts, steps: tuple[Step, ...]
) -> Target:
    """What steps from a field of a layer lead to.

    RefusedError names the first wrong step, as AbsentPartError where only this packet lacks it.
    """
    around = [(packet, field)]
    rest = list(steps)
    while rest:
        packet, field = around[-1]
        value = packet.getfieldval(field.id)
        step = rest.pop(0)
        if isinstance(value, dict) and isinstance(step, str):
            return _entry(around, value, step, rest)
        if isinstance(step, int):
            if isinstance(value, list):
                if not rest or not isinstance(_item(field, value, step), Packet):
                    return _in_list(around, value, step, rest)
                value = value[step]
            elif step or not isinstance(value, Packet):
                raise AbsentPartError(f"{field.id} has no item [{step}]")
            if not rest:
                return Target(tuple(around))
            step = rest.pop(0)
        holder, name = _holder(field, value, step, rest)
        if name is None:
            return Target(tuple(around), carried=holder)
        around.append((holder, _field(registry, holder, name)))
    return Target(tuple(around))


def _field(registry: Registry, holder: Packet, name: str) -> FieldFacts:
    try:
        return registry.field(registry.of_class(type(holder)), name)
    except RefusedError as error:
        raise AbsentPartError(error.problem, error.where) from None


def _holder(
    field: FieldFacts, value: Any, step: Step, rest: list[Step]
) -> tuple[Packet, str | None]:
    """The packet whose field comes next, and the name of that field; None of a payload itself."""
    if not isinstance(value, Packet) or isinstance(value, NoPayload):
        raise AbsentPartError(f"{field.id} has no part {shown(step)}")
    while step == PAYLOAD and PAYLOAD not in value.default_fields:
        value = value.payload
        if isinstance(value, NoPayload):
            raise AbsentPartError(f"what {field.id} holds carries nothing")
        if rest and rest[0] == 0:
            rest.pop(0)
        if not rest:
            return value, None
        step = rest.pop(0)
    if not isinstance(step, str):
        raise RefusedError(f"{field.id} has no item [{step}]")
    return value, step


def _item(field: FieldFacts, value: list[Any], index: int) -> Any:
    if index >= len(value):
        items = "1 item" if len(value) == 1 else f"{len(value)} items"
        raise AbsentPartError(f"{field.id} has {items}; [{index}] is none of them")
    return value[index]


def _in_list(
    around: list[tuple[Packet, FieldFacts]], value: list[Any], index: int, rest: list[Step]
) -> Target:
    if not rest:
        return Target(tuple(around), index)
    field = around[-1][1]
    item = _item(field, value, index)
    member = rest[0]
    if len(rest) > 1 or member not in MEMBERS or not isinstance(item, tuple | str):
        hint = nearest(str(member), MEMBERS) if len(rest) == 1 else ""
        raise RefusedError(f"{field.id}[{index}] has no part {shown(rest[-1])}{hint}")
    return Target(tuple(around), index, str(member))


def _entry(
    around: list[tuple[Packet, FieldFacts]], value: dict[Any, Any], name: str, rest: list[Step]
) -> Target:
    if rest:
        raise RefusedError(f"{name} has no part {shown(rest[0])}")
    found = (key for key in value if key in (name, name.encode()))
    return Target(tuple(around), key=next(found, name.encode()))
