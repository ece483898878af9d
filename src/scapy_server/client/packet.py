"""A packet as the client hands it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from scapy_server.naming import layer_names
from scapy_server.schema.programs import EngineResult
from scapy_server.schema.results import LayerResult, PacketResult

#: What asking for an expression gives: its text, or an awaitable of it.
Text_co = TypeVar("Text_co", covariant=True)


@dataclass(frozen=True)
class Packet(Generic[Text_co]):
    """A packet that the server has built or read: its bytes, and what they mean.

    `packet.layers[1]["ttl"]` and `packet["IP"]["ttl"]` are values, `packet["IP:1"]` is the
    second IP layer, and `"UDP" in packet` says whether there is one. `result` is all of the
    answer; `field_engine` what became of a program, None where none was asked for.
    """

    result: PacketResult
    write: Callable[[bytes, str], Text_co]
    field_engine: EngineResult | None = None

    @property
    def layers(self) -> list[LayerResult]:
        """The layers from the first byte on; none if nothing is left of the packet."""
        return self.result.data

    @property
    def bytes(self) -> bytes:
        """The frame, without a frame check sequence."""
        return self.result.frame

    @property
    def expression(self) -> Text_co:
        """The Scapy expression that builds these bytes, which asks the server.

        Of an `AsyncClient`'s packet it is to be awaited. ClientError if the packet is empty
        or the server cannot be asked.
        """
        return self.write(self.bytes, self.layers[0].id if self.layers else "")

    def __getitem__(self, layer: int | str) -> LayerResult:
        """A layer by its number or by its name; IndexError or KeyError if there is none."""
        if isinstance(layer, int):
            return self.layers[layer]
        names = self._names()
        if layer not in names:
            has = ", ".join(names) or "none"
            raise KeyError(f"the packet has no layer {layer!r}; it has {has}")
        return self.layers[names.index(layer)]

    def __contains__(self, layer: object) -> bool:
        """Whether it has a layer of that name."""
        return layer in self._names()

    def _names(self) -> list[str]:
        return layer_names(found.id for found in self.layers)
