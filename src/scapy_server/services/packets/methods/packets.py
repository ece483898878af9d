"""Packets from models, and models laid over packets.

Source: RPC document, "Build Packet" to "Create packet from binary data".
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.captures.link_types import link_type_of
from scapy_server.packet.models.budget import check_models
from scapy_server.rpc import Noted
from scapy_server.rpc.method import Parameter
from scapy_server.schema.models import PacketModel
from scapy_server.schema.results import Failed, Failure, PacketResult
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.services.packets.notes import last_learned
from scapy_server.services.packets.planned import BUILD_PKT, RECONSTRUCT_PKT
from scapy_server.services.packets.refusals import fault_of_item
from scapy_server.wording import JsonType, decode_base64


def build_pkt(
    core: Core, raw_model: list[Any], link_type: str | int | None = None
) -> Noted[msgspec.Raw]:
    """The packet that the model describes."""
    number = None if link_type is None else link_type_of(link_type)
    answer = core.builder.build(raw_model, number)
    return Noted(msgspec.Raw(answer.json), answer.learned)


def build_pkts(core: Core, raw_models: list[Any]) -> Noted[list[msgspec.Raw | Failed]]:
    """The packets that the models describe, each on its own."""
    check_models(raw_models)
    built = [_built(core, model) for model in raw_models]
    return Noted([each.result for each in built], last_learned(each.learned for each in built))


def _built(core: Core, raw_model: Any) -> Noted[msgspec.Raw] | Noted[Failed]:
    try:
        return build_pkt(core, raw_model)
    except Exception as error:
        fault = fault_of_item(error)
        return Noted(Failed(Failure(fault.code, fault.message)), None)


def reconstruct_pkt(
    core: Core, binary: str, raw_model: list[Any] | None, link_type: str | int | None = None
) -> Noted[msgspec.Raw]:
    """The frame with the model's fields laid over it."""
    frame = decode_base64(binary, "binary_pkt")
    answer = core.builder.reconstruct(frame, raw_model or [], link_type_of(link_type))
    return Noted(msgspec.Raw(answer.json), answer.learned)


#: How the first bytes of a frame are read.
LINK_TYPE = Parameter(
    "link_type",
    (JsonType.STRING, JsonType.NUMBER, JsonType.NULL),
    "the link type by number or name, such as 101 or RAW; Ethernet if it is not given",
    required=False,
)


METHODS = (
    Method(
        BUILD_PKT.name,
        build_pkt,
        summary="Build a packet from a packet model.",
        result="a packet: binary (base64) and data, its layers and fields",
        shape=PacketResult,
        parameters=(*BUILD_PKT.parameters, LINK_TYPE),
        versioned=True,
    ),
    Method(
        "build_pkts",
        build_pkts,
        summary="Build many packets, each from a packet model.",
        result='an array with a packet for each model, or {"error": {code, message}}',
        shape=list[PacketResult | Failed],
        parameters=(
            Parameter(
                "pkt_descriptors",
                (JsonType.ARRAY,),
                "an array of packet models",
                shape=list[PacketModel],
            ),
        ),
        versioned=True,
    ),
    Method(
        RECONSTRUCT_PKT.name,
        reconstruct_pkt,
        summary="Dissect a frame, change fields of it, and build it again.",
        result="a packet: binary (base64) and data, its layers and fields",
        shape=PacketResult,
        parameters=(*RECONSTRUCT_PKT.parameters, LINK_TYPE),
        versioned=True,
    ),
)
