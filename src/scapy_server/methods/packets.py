"""Packets from models, and models laid over packets.

Source: RPC document, "Build Packet" to "Create packet from binary data".
"""

from __future__ import annotations

from typing import Any

from scapy_server.methods.core import Core
from scapy_server.packet.model import decode_base64, parse_model
from scapy_server.packet.result import PacketResult
from scapy_server.rpc.method import JsonType, Method, Parameter


def build_pkt(core: Core, raw_model: list[Any]) -> PacketResult:
    """The packet that the model describes."""
    return core.codec.build(parse_model(raw_model, core.registry))


def reconstruct_pkt(core: Core, binary: str, raw_model: list[Any] | None) -> PacketResult:
    """The frame with the model's fields laid over it."""
    frame = decode_base64(binary, "binary_pkt")
    return core.codec.reconstruct(frame, parse_model(raw_model or [], core.registry))


METHODS = (
    Method(
        "build_pkt",
        build_pkt,
        summary="Build a packet from a packet model.",
        result="a packet: binary (base64) and data, its layers and fields",
        parameters=(
            Parameter("pkt_descriptor", (JsonType.ARRAY,), "the packet model, an array of layers"),
        ),
        versioned=True,
    ),
    Method(
        "reconstruct_pkt",
        reconstruct_pkt,
        summary="Dissect a frame, change fields of it, and build it again.",
        result="a packet: binary (base64) and data, its layers and fields",
        parameters=(
            Parameter("binary_pkt", (JsonType.STRING,), "the frame in base64"),
            Parameter(
                "model_descriptor",
                (JsonType.ARRAY, JsonType.NULL),
                "a packet model with the fields to change, layer by layer",
                required=False,
            ),
        ),
        versioned=True,
    ),
)
