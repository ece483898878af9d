"""Loading Scapy: the listed modules, tamed, and nothing else.

`load` is called once at start; it is the one place where Scapy may read files. After it
nothing is imported, bound or changed any more, whatever the requests.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import scapy
from scapy.config import conf
from scapy.packet import Packet

from scapy_server.errors import RefusedError, shown
from scapy_server.packet.frames import certificates, long_values, nested
from scapy_server.packet.layers.registry import Registry, describe_layers
from scapy_server.packet.loading import (
    choosing,
    defaults,
    first_packets,
    host_tables,
    quarantine,
    unread_packets,
)
from scapy_server.packet.loading.former_layers import STAND_INS, unknown_layers
from scapy_server.packet.loading.module_list import ABSTRACT, LEFT_OUT, MODULES, Version


def load(extra: Sequence[str] = ()) -> Registry:
    """Import the listed modules and the operator's own, tame them and describe their layers.

    Raises RefusedError for a module of the operator that cannot be imported.
    """
    quarantine.silence()
    replaced = host_tables.install()
    names = [module.name for module in MODULES if module.exists_in(scapy_version())]
    with _no_warnings():
        for module in MODULES:
            if module.exists_in(scapy_version()):
                with _bindings_kept() if module.tamed else nullcontext():
                    importlib.import_module(module.name)
        _name_generated_classes(names)
        _unbind_left_out(names, extra)
        layers = dict.fromkeys(_classes(names))
        layers.update(dict.fromkeys(unknown_layers({cls.__name__ for cls in layers})))
        for name in extra:
            layers.update(dict.fromkeys(_import_extra(name)))
    quarantine.silence()
    quarantine.isolate()
    host_tables.refresh(conf.layers, replaced)
    host_tables.accept_former(conf.layers)
    defaults.apply(conf.layers)
    choosing.apply()
    nested.install()
    long_values.install()
    certificates.install()
    unread_packets.install()
    first_packets.make(conf.layers)
    return Registry(describe_layers(layers, STAND_INS))


def scapy_version() -> Version:
    """The version of Scapy as numbers: 2.8.0.dev3 is (2, 8, 0)."""
    found = re.match(r"\d+(?:\.\d+)*", str(scapy.VERSION))
    return tuple(int(part) for part in found.group().split(".")) if found else (0,)


def _classes(names: Sequence[str]) -> Iterator[type[Packet]]:
    order = {name: position for position, name in enumerate(names)}
    known = [cls for cls in conf.layers if cls.__module__ in order and _is_layer(cls)]
    known += dict.fromkeys(_bound_to(known))
    yield from sorted(known, key=lambda cls: order[cls.__module__])


def _bound_to(layers: Sequence[type[Packet]]) -> Iterator[type[Packet]]:
    """What payloads of the layers are read as, though Scapy keeps it to itself."""
    listed = {layer.__module__ for layer in layers}
    uppers = (upper for layer in layers for _, upper in layer.payload_guess)
    for upper in uppers:
        is_private = isinstance(upper, type) and upper.__name__.startswith("_")
        if is_private and upper.__module__ in listed and _is_layer(upper):
            yield upper


def _is_layer(cls: type[Packet]) -> bool:
    return f"{cls.__module__}.{cls.__name__}" not in ABSTRACT


def _name_generated_classes(names: Sequence[str]) -> None:
    """Give classes that a module made with `type()` their module's name."""
    for name in names:
        for value in vars(sys.modules[name]).values():
            generated = isinstance(value, type) and value.__module__ == "scapy.base_classes"
            if generated and issubclass(value, Packet):
                value.__module__ = name


def _unbind_left_out(listed: Sequence[str], wanted: Sequence[str]) -> None:
    """Take modules that are left out, but that a listed one imports, out of dissection."""

    @cache
    def is_out(module: str) -> bool:
        if module in listed or any(f"{module}.".startswith(f"{name}.") for name in wanted):
            return False
        return any(left_out.covers(module) for left_out in LEFT_OUT)

    for cls in conf.layers:
        kept = [guess for guess in cls.payload_guess if not is_out(guess[1].__module__)]
        if len(kept) < len(cls.payload_guess):
            cls.payload_guess = kept


def _import_extra(name: str) -> list[type[Packet]]:
    before = set(conf.layers)
    try:
        importlib.import_module(name)
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise RefusedError(f"cannot load the module {shown(name)}: {problem}") from error
    found = [
        cls
        for cls in conf.layers
        if cls not in before or f"{cls.__module__}.".startswith(f"{name}.")
    ]
    if not found:
        raise RefusedError(f"the module {shown(name)} defines no Scapy layer")
    return found


@contextmanager
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _bindings_kept() -> Iterator[None]:
    """What was bound before stays bound, and stays the first choice."""
    classes: list[Any] = list(conf.layers)
    before = [(cls, cls.payload_guess, cls._overload_fields) for cls in classes]
    yield
    for cls, guesses, overloads in before:
        if cls.payload_guess is not guesses:
            new = [guess for guess in cls.payload_guess if guess not in guesses]
            cls.payload_guess = [*guesses, *new]
        if cls._overload_fields is not overloads:
            cls._overload_fields = {**cls._overload_fields, **overloads}
