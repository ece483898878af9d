"""The methods that plans answer, as the table and the front both know them. No packet code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scapy_server.rpc.method import Parameter
from scapy_server.schema.models import PacketModel
from scapy_server.wording import JsonType


@dataclass(frozen=True)
class Planned:
    """The name of a method, and what it takes."""

    name: str
    parameters: tuple[Parameter, ...]

    @cached_property
    def names(self) -> list[str]:
        """The names of the parameters, in order."""
        return [parameter.name for parameter in self.parameters]


BUILD_PKT = Planned(
    "build_pkt",
    (
        Parameter(
            "pkt_descriptor",
            (JsonType.ARRAY,),
            "the packet model, an array of layers",
            shape=PacketModel,
        ),
    ),
)
RECONSTRUCT_PKT = Planned(
    "reconstruct_pkt",
    (
        Parameter("binary_pkt", (JsonType.STRING,), "the frame in base64"),
        Parameter(
            "model_descriptor",
            (JsonType.ARRAY, JsonType.NULL),
            "a packet model with the fields to change, layer by layer",
            required=False,
            shape=PacketModel | None,
        ),
    ),
)
