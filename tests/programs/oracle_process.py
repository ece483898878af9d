"""Compiles programs with the traffic engine's own client library, one JSON line each.

Runs in a process of its own, since the library brings an old Scapy along. A line is
`{"frame": hex, "instructions": [[class, parameters], …], "cache": n}`; the answer is
`{"vm": …}`, or `{"refused": sentence}`.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import types
import warnings
from typing import Any


class LegacyFinders(importlib.abc.MetaPathFinder):
    """Asks finders of the kind that Python 3.12 no longer asks (the library's `six`)."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        for finder in list(sys.meta_path):
            if hasattr(finder, "find_spec") or not hasattr(finder, "find_module"):
                continue
            loader = finder.find_module(fullname, path)
            if loader is not None:
                return importlib.machinery.ModuleSpec(fullname, LegacyLoader(loader))
        return None


class LegacyLoader(importlib.abc.Loader):
    """Loads what a legacy finder found."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: Any) -> Any:
        return self._loader.load_module(spec.name)

    def exec_module(self, module: Any) -> None:
        """The module is complete when it is created."""


#: Modules that left Python and that the library imports without need.
REMOVED_MODULES = ("cgi", "imp", "pipes")


def main() -> None:
    warnings.simplefilter("ignore")
    for name in REMOVED_MODULES:
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
    sys.meta_path.append(LegacyFinders())
    importlib.import_module("lbr_trex_client")  # it puts its parts on the path
    library = importlib.import_module("trex.stl.trex_stl_packet_builder_scapy")
    ethernet = importlib.import_module("scapy.layers.l2").Ether
    for line in sys.stdin:
        request = json.loads(line)
        try:
            commands = [
                getattr(library, name)(**parameters) for name, parameters in request["instructions"]
            ]
            program = library.STLScVmRaw(commands, cache_size=request["cache"])
            packet = ethernet(bytes.fromhex(request["frame"]))
            builder = library.STLPktBuilder(pkt=packet, vm=program)
            builder.compile()
            answer = {"vm": builder.get_vm_data()}
        except Exception as error:
            answer = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
