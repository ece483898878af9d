"""The entries of the table of methods, with what this service alone knows of one."""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server import rpc


@dataclass(frozen=True)
class Method(rpc.Method):
    """A method of the packet service.

    In front of a `versioned` method's parameters the version handler may stand. A `constant`
    method answers equal params alike for as long as the same layers are loaded.
    """

    versioned: bool = False
    constant: bool = False
