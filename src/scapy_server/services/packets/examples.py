"""An example of each method, as documents of the service show them.

They stand in `examples.json`, with what is answered where that is short.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from scapy_server.rpc.method import Example


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    params: list[Any]
    result: Any | UnsetType = UNSET


@cache
def examples() -> dict[str, Example]:
    """The examples by the names of their methods."""
    text = resources.files(__package__).joinpath("examples.json").read_bytes()
    entries = msgspec.json.decode(text, type=dict[str, _Entry])
    return {name: Example(entry.params, entry.result) for name, entry in entries.items()}
