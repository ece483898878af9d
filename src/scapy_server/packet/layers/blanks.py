"""Empty packets, made by what two of a class have in common.

Scapy's constructor looks at each field of a class for values that nobody gave, and sets each
attribute anew: most of the time that it takes to read or to build a short layer. What two
empty packets of a class share, such as the table of its defaults, all of them share; what they
do not share are containers, which each packet has of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scapy.packet import Packet

_set = object.__setattr__
_get = object.__getattribute__

#: What makes a packet of a class. One that has any of its own may do whatever it likes.
_MAKERS = (
    "__init__",
    "init_fields",
    "do_init_fields",
    "do_init_cached_fields",
    "prepare_cached_fields",
)
_CONTAINERS = (list, dict, set)


class Blank:
    """How empty packets of a class are made: raises ValueError where that is not known.

    `own` are the attributes that each packet has a new container for, `references` the fields
    that each has a copy of the default of, as Scapy does for containers. One that is about to be
    read has no copies of packets, which it gets of its own.
    """

    __slots__ = ("_cls", "_defaults", "_overloads", "_own", "_references", "_shared")

    def __init__(self, cls: type[Packet], reading: bool) -> None:
        if any(getattr(cls, maker) is not getattr(Packet, maker) for maker in _MAKERS):
            raise ValueError(cls)
        first, second = _state(_made(cls)), _state(_made(cls))
        defaults = Packet.class_default_fields.get(cls)
        if not defaults or first.keys() != second.keys():
            raise ValueError(cls)
        self._cls, self._defaults, self._overloads = cls, defaults, cls._overload_fields
        self._references = [
            (name, _copier(defaults[name]))
            for name in Packet.class_default_fields_ref[cls]
            if not (reading and isinstance(defaults[name], Packet))
        ]
        self._shared = [(name, value) for name, value in first.items() if value is second[name]]
        self._own: list[tuple[str, Callable[[], Any]]] = [
            (name, _maker(value))
            for name, value in first.items()
            if value is not second[name] and name != "fields"
        ]

    @property
    def holds(self) -> bool:
        """Whether the class still is as it was."""
        cls = self._cls
        same = Packet.class_default_fields.get(cls) is self._defaults
        return same and cls._overload_fields is self._overloads

    def make(self) -> Packet:
        """An empty packet."""
        packet: Packet = object.__new__(self._cls)
        for name, value in self._shared:
            _set(packet, name, value)
        for name, new in self._own:
            _set(packet, name, new())
        _set(packet, "fields", {name: copy() for name, copy in self._references})
        return packet


_blanks: dict[tuple[type[Packet], bool], Blank | None] = {}


def empty(cls: type[Packet], reading: bool = False) -> Packet | None:
    """An empty packet of exactly this class, None if it takes the constructor to make one."""
    key = cls, reading
    blank = _blanks.get(key)
    if blank is None or not blank.holds:
        if blank is None and key in _blanks:
            return None
        try:
            blank = _blanks[key] = Blank(cls, reading)
        except Exception:  # it is for the constructor to say what is wrong
            _blanks[key] = None
            return None
    return blank.make()


def _made(cls: type[Packet]) -> Packet:
    packet: Packet = object.__new__(cls)
    packet.__init__(_internal=1)  # type: ignore[misc]
    return packet


def _state(packet: Packet) -> dict[str, Any]:
    """All that a packet is; ValueError if it has more than the attributes of any packet."""
    if getattr(packet, "__dict__", None):
        raise ValueError(packet.__dict__)
    state = {}
    for name in dict.fromkeys(Packet.__slots__):
        try:
            state[name] = _get(packet, name)
        except AttributeError:
            continue
    return state


def _maker(value: Any) -> Callable[[], Any]:
    if type(value) not in _CONTAINERS or value:
        raise ValueError(value)
    return type(value)


def _copier(value: Any) -> Callable[[], Any]:
    if type(value) not in _CONTAINERS:
        raise ValueError(value)
    copy: Callable[[], Any] = value.copy
    return copy
