"""Loading Scapy: the listed modules, tamed, and nothing else.

`load` is called once at start; it is the one place where Scapy may read files. After it
nothing is imported, bound or changed any more, whatever the requests.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import scapy
from scapy.config import conf
from scapy.packet import Packet

from scapy_server.errors import RefusedError, shown
from scapy_server.packet import defaults, host_tables, quarantine
from scapy_server.packet.module_list import MODULES, Version
from scapy_server.packet.registry import Registry, describe_layers


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
        listed = list(_classes(names))
        added = [cls for name in extra for cls in _import_extra(name)]
    quarantine.silence()
    quarantine.isolate()
    host_tables.refresh(conf.layers, replaced)
    defaults.apply(conf.layers)
    known = set(listed)
    return Registry(describe_layers([*listed, *(cls for cls in added if cls not in known)]))


def scapy_version() -> Version:
    """The version of Scapy as numbers: 2.8.0.dev3 is (2, 8, 0)."""
    found = re.match(r"\d+(?:\.\d+)*", str(scapy.VERSION))
    return tuple(int(part) for part in found.group().split(".")) if found else (0,)


def _classes(names: Sequence[str]) -> Iterator[type[Packet]]:
    order = {name: position for position, name in enumerate(names)}
    known = [cls for cls in conf.layers if cls.__module__ in order and _is_layer(cls)]
    yield from sorted(known, key=lambda cls: order[cls.__module__])


def _is_layer(cls: type[Packet]) -> bool:
    return True


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
