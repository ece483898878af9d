"""Making Scapy choose as `choices` says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from scapy.config import conf
from scapy.fields import ConditionalField
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.bindings import Checked
from scapy_server.packet.loading.choices import (
    BINDINGS,
    GUESSES,
    NOT_FILLED_IN,
    PASSED_OVER,
    SAME_NUMBERS,
    UNBOUND,
    Binding,
    Guess,
    NotFilledIn,
    PassedOver,
    SameNumbers,
    Unbound,
)
from scapy_server.packet.loading.defaults import short_name
from scapy_server.packet.loading.guesses import Classes


@cache
def apply() -> None:
    """Make Scapy choose so, once in a process and after all modules are loaded.

    A method that was replaced would else be replaced by one that calls it, and do its work twice.
    """
    named = {short_name(cls): cls for cls in reversed(list(conf.layers))}
    for unbound in UNBOUND:
        _unbind(named, unbound)
    for binding in BINDINGS:
        _bind(named, binding)
    for same in SAME_NUMBERS:
        _share(named, same)
    all_named = _with_bases(named)
    for guess in GUESSES:
        _replace(all_named, guess)
    for passed in PASSED_OVER:
        _insert(named, passed)
    for less in NOT_FILLED_IN:
        _fill_in_less(named, less)
    bound = {upper for cls in named.values() for _, upper in cls.payload_guess}
    for upper in bound:
        if isinstance(upper, type) and upper.__name__.startswith("_"):
            _never_itself(upper)


def _bind(named: Classes, binding: Binding) -> None:
    if binding.upper not in named:  # of which an older Scapy has no layer
        return
    lower, upper = named[binding.lower], named[binding.upper]
    chosen = upper if binding.check is None else Checked(upper, binding.check)
    new: list[Any] = [({binding.field: value}, chosen) for value in binding.values]
    new = new or [({}, chosen)]
    lower.payload_guess = [*lower.payload_guess, *new]


def _unbind(named: Classes, unbound: Unbound) -> None:
    lower, upper = named[unbound.lower], named[unbound.upper]
    lower.payload_guess = [
        (conditions, cls)
        for conditions, cls in lower.payload_guess
        if cls is not upper or conditions.get(unbound.field) not in unbound.values
    ]


def _share(named: Classes, same: SameNumbers) -> None:
    shared = [
        (conditions[same.field], upper)
        for conditions, upper in named[same.lower].payload_guess
        if conditions.get(same.field, -1) >= same.least
    ]
    for other, field in same.others:
        cls = named[other]
        taken = {conditions.get(field) for conditions, _ in cls.payload_guess}
        new: list[Any] = [
            ({field: number}, upper) for number, upper in shared if number not in taken
        ]
        cls.payload_guess = [*cls.payload_guess, *new]


def _fill_in_less(named: Classes, less: NotFilledIn) -> None:
    filling: Any = named[less.upper]
    lower, overloads = named[less.lower], filling._overload_fields
    still: Any = named.get(less.still or "")
    if still is not None:
        still._overload_fields = still._overload_fields  # its own, where it was inherited
    fields = {
        name: value
        for name, value in overloads.get(lower, {}).items()
        if less.fields and name not in less.fields
    }
    others = {cls: given for cls, given in overloads.items() if cls is not lower}
    filling._overload_fields = {**others, lower: fields} if fields else others


def _never_itself(private: Any) -> None:
    """Let a class that Scapy keeps to itself choose among others, or else Raw.

    Clients cannot ask for a layer of it.
    """
    choose = private.dispatch_hook

    def dispatch_hook(cls: type[Packet], *given: Any, **named: Any) -> type[Packet]:
        chosen: type[Packet] = choose(*given, **named)
        return Raw if chosen is private and given and given[0] else chosen

    private.dispatch_hook = classmethod(dispatch_hook)


def _with_bases(named: Classes) -> Classes:
    """The classes, and those that they have in common and Scapy keeps to itself."""
    every = (base for cls in named.values() for base in cls.__mro__ if issubclass(base, Packet))
    return {**{short_name(base): base for base in every}, **named}


def _insert(named: Classes, passed: PassedOver) -> None:
    declared = named[passed.cls].fields_desc
    names = [field.name for field in declared]
    new = [field for field in passed.fields() if field.name not in names]
    place = names.index(passed.before)
    declared[place:place] = new


def _replace(named: Classes, guess: Guess) -> None:
    made: Any = guess.make(named)
    cls: Any = named[guess.cls]
    if guess.field is not None:
        declared = {field.name: field for field in cls.fields_desc}[guess.field]
        cls = type(declared.fld if isinstance(declared, ConditionalField) else declared)
    if guess.around:
        for derived in _with_derived(cls):
            if derived is cls or guess.name in derived.__dict__:
                setattr(derived, guess.name, made(getattr(derived, guess.name)))
        return
    setattr(cls, guess.name, classmethod(made) if guess.name == "dispatch_hook" else made)


def _with_derived(cls: type[Packet]) -> Iterator[type[Packet]]:
    """The class behind all that derive from it, each once."""
    derived = {each for below in cls.__subclasses__() for each in _with_derived(below)}
    yield from derived
    yield cls
