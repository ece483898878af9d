"""Programs with named parameters: those that the engine is tried on, as people write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scapy_server.programs.decompile import decompile
from tests.engine.programs import streams
from tests.programs.support import Given


def named(stream: dict[str, Any]) -> list[Given]:
    """The program of a stream, in which no random variable moves another, as none may."""
    vm = stream["vm"]
    for item in vm["instructions"]:
        if item.get("op") == "random":
            item.pop("next_var", None)
    return [(each.id, each.parameters) for each in decompile(vm, None).instructions]


#: Programs for the packet TEMPLATES["udp"] of the engine's tests.
programs: st.SearchStrategy[list[Given]] = streams("udp").map(named)
