"""The entries of the method table of the ports service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from scapy_server.services.ports.requests.reading import Fields

if TYPE_CHECKING:
    from scapy_server.services.ports.control import Control


class Part(Enum):
    """The part of the interface to whose version handler a method belongs."""

    COMMON = "common"
    STATELESS = "STL"


@dataclass(frozen=True)
class Method:
    """A method that can be called.

    `function` gets the control plane and the parameters. `part` is None for methods that need
    no version handler. An `owned` method needs the handler of the port it names. One that
    `acts` changes what ports do, which moves a virtual clock along.
    """

    name: str
    function: Callable[[Control, Fields], object]
    summary: str
    part: Part | None = Part.STATELESS
    owned: bool = False
    acts: bool = False
