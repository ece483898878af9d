"""Loads a Python profile with the engine's own client library, and prints its streams as JSON.

Runs as a program of its own and imports nothing of this package: the library brings an old
Scapy along, and the profile is code, which only the person who named its file answers for.
Standard input is `{"file", "direction", "port_id", "tunables": {…} or […]}`; the last line of
standard output is `{"streams": […]}`, with each stream's number under "stream_id" where it
has one, or `{"refused": sentence}`.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import types
import warnings
from typing import Any

#: Modules that left Python, and that the library imports.
REMOVED_MODULES = ("cgi", "imp", "pipes")


#: The refusal when the library is not there.
MISSING = "missing library"


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


def prepare() -> None:
    """Let the library be imported by a Python that is newer than it."""
    warnings.simplefilter("ignore")
    for name in REMOVED_MODULES:
        if importlib.util.find_spec(name) is None:
            module = types.ModuleType(name)
            module.__dict__["reload"] = importlib.reload
            sys.modules[name] = module
    sys.meta_path.append(LegacyFinders())


def load(request: dict[str, Any]) -> dict[str, Any]:
    """What the profile of a request gives."""
    try:
        import lbr_trex_client  # noqa: F401, PLC0415 (it puts its parts on the path)
    except ImportError:
        return {"refused": MISSING}
    from trex.stl.trex_stl_streams import STLProfile  # noqa: PLC0415

    given = request["tunables"]
    options = {"tunables": given} if isinstance(given, list) else given
    profile = STLProfile.load_py(
        request["file"], direction=request["direction"], port_id=request["port_id"], **options
    )
    if profile is None:
        return {"refused": "the profile only told how to use it"}
    streams = []
    for stream in profile.get_streams():
        known = {} if stream.get_id() is None else {"stream_id": stream.get_id()}
        streams.append(stream.to_json() | known)
    return {"streams": streams}


def main() -> None:
    """Answer the one request."""
    prepare()
    try:
        answer = load(json.load(sys.stdin))
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        answer = {"refused": lines[-1] if lines else type(error).__name__}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
