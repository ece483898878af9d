"""Writes docs/protocols.md: `python -m tests.packet.protocols_page > docs/protocols.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from scapy_server.packet.loading.choices import (
    BINDINGS,
    GUESSES,
    NOT_FILLED_IN,
    PASSED_OVER,
    SAME_NUMBERS,
    UNBOUND,
    Binding,
    Unbound,
)
from scapy_server.packet.loading.defaults import DEFAULTS
from scapy_server.packet.loading.module_list import LEFT_OUT, MODULES, LoadedModule

INTRODUCTION = """\
# Protocols

Every layer class of the Scapy modules below can be built, dissected and described, some four
thousand in all. The modules are loaded at start, in this order, the same for every request:
no request loads a module, binds a layer or changes a setting. On equal names the earlier
module wins; the other class is called `module.Class`, for instance `gtp_v2.IE_Cause`. On
equal bindings (the same port, the same EtherType) the earlier module is dissected.

Names of EtherTypes and IP protocols are the server's own, so they do not depend on files of
the host; ports have no names. Scapy is cut off from the host: it opens nothing, looks no name
up, prints nothing, and its clock stands at 1970-01-01T00:00:00Z.

Settings of Scapy that differ from its own: HTTP bodies are not unpacked or joined, LLDP units
may stand in any order, OpenFlow matches get no prerequisites added. Classes that Scapy keeps to
itself are never shown: bytes for which one would stand are `Raw`.

## Your own modules

`scapy-server serve --load MODULE` adds a module of yours, or one of those left out, by the
name that Python imports it by (`mypackage.mylayers`, `scapy.contrib.automotive.uds`); give
the option again for more. It comes after all others, so its names and bindings never displace
theirs, and its defaults lose their random values like all others. A module that cannot be
imported, or that defines no layer, ends the start with one line that says why.
"""


def _since(module: LoadedModule) -> str:
    if module.since is not None:
        return "from " + ".".join(map(str, module.since))
    if module.until is not None:
        return "before " + ".".join(map(str, module.until))
    return "all"


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "## Loaded modules"
    yield ""
    yield "A tamed module may not displace what was bound before it.\n"
    yield "| Module | Scapy | Tamed because it |"
    yield "|---|---|---|"
    for module in MODULES:
        yield f"| `{module.name}` | {_since(module)} | {module.tamed or ''} |"
    yield "\n## Left out\n"
    yield "`*` stands for all names that begin so.\n"
    yield "| Module | Why |"
    yield "|---|---|"
    for left_out in LEFT_OUT:
        yield f"| `{left_out.pattern}` | {left_out.reason} |"
    yield from _choices()
    yield "\n## Defaults that differ from Scapy's\n"
    yield "Random values become the lowest of their kind, times become 1970-01-01T00:00:00Z,"
    yield "and these fields have a value of their own:\n"
    yield "| Layer | Field | Default |"
    yield "|---|---|---|"
    for layer, values in DEFAULTS.items():
        for field, value in values.items():
            text = repr(value)
            yield f"| {layer} | {field} | `{text if len(text) <= 60 else text[:59] + '…'}` |"


def _choices() -> Iterator[str]:
    yield "\n## What a payload is read as, where that differs from Scapy\n"
    yield "| Below | Read | Where | Why |"
    yield "|---|---|---|---|"
    for entry in BINDINGS:
        yield f"| {entry.lower} | {entry.upper} | {_where(entry)} | {entry.why} |"
    for removed in UNBOUND:
        yield f"| {removed.lower} | not {removed.upper} | {_where(removed)} | {removed.why} |"
    for same in SAME_NUMBERS:
        others = ", ".join(f"{cls}.{field}" for cls, field in same.others)
        yield f"| {others} | as above {same.lower} | by `{same.field}` | {same.why} |"
    for guess in GUESSES:
        yield f"| {guess.cls} | | `{guess.field or guess.name}` | {guess.why} |"
    for passed in PASSED_OVER:
        names = ", ".join(f"`{field.name}`" for field in passed.fields())
        yield f"| {passed.cls} | | {names}, which Scapy passes over | {passed.why} |"
    for less in NOT_FILLED_IN:
        filled = f"`{', '.join(less.fields)}` " if less.fields else ""
        yield f"| {less.lower} | | {filled}when {less.upper} is put on it | {less.why} |"


def _where(entry: Binding | Unbound) -> str:
    values = ", ".join(map(str, entry.values))
    checked = isinstance(entry, Binding) and entry.check is not None
    return (f"`{entry.field}` {values}" if values else "always") + (
        ", if it looks like it" if checked else ""
    )


if __name__ == "__main__":
    sys.stdout.write(page())
