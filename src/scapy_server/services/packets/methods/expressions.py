"""Packets as Scapy expressions, in and out.

An editor keeps a packet model; people type and paste expressions.
"""

from __future__ import annotations

from typing import Any

from scapy_server.packet.packets_as_text import (
    expression_of_frame,
    expression_of_model,
    imports_of,
    model_of,
    packet_of,
)
from scapy_server.rpc.method import Parameter
from scapy_server.schema.models import PacketModel
from scapy_server.schema.results import WrittenExpression
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType, decode_base64


def read_expression(core: Core, expression: str) -> list[dict[str, Any]]:
    """The packet model of the packet that an expression makes."""
    return model_of(packet_of(expression, core.registry), core.registry)


def write_expression(
    core: Core, packet: str | list[Any], first_layer: str | None = None
) -> WrittenExpression:
    """The expression that builds the frame, with every field written out, or that of a model."""
    if isinstance(packet, list):
        text = expression_of_model(packet, core.registry)
    else:
        frame = decode_base64(packet, "binary_pkt")
        text = expression_of_frame(frame, core.registry, first_layer)
    return WrittenExpression(text, imports_of(text, core.registry))


METHODS = (
    Method(
        "read_expression",
        read_expression,
        summary="Turn a Scapy expression into a packet model.",
        result="a packet model, with the fields that the expression gives",
        shape=PacketModel,
        parameters=(
            Parameter("expression", (JsonType.STRING,), "such as Ether()/IP(dst='48.0.0.1')/UDP()"),
        ),
    ),
    Method(
        "write_expression",
        write_expression,
        summary="Write a frame or a packet model as a Scapy expression that builds its bytes.",
        result="an object: expression, and imports, the Python statements that it needs there",
        shape=WrittenExpression,
        parameters=(
            Parameter(
                "binary_pkt",
                (JsonType.STRING, JsonType.ARRAY),
                "the frame in base64, of which every field is written out; or a packet model, of "
                "which those that it gives are",
            ),
            Parameter(
                "first_layer",
                (JsonType.STRING, JsonType.NULL),
                "the id of the layer that it begins with, Ethernet if none is given",
                required=False,
            ),
        ),
    ),
)
