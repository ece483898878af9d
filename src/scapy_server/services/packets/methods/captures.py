"""Capture files in and out.

Source: docs/wire.md, "Captures".
"""

from __future__ import annotations

import base64
from typing import Any

from scapy_server import limits
from scapy_server.captures.reading import read_capture, write_capture
from scapy_server.errors import RefusedError, located
from scapy_server.packet.tree.result import PacketResult
from scapy_server.rpc.method import Method, Parameter
from scapy_server.services.packets.core import Core
from scapy_server.wording import JsonType, decode_base64


def read_pcap(core: Core, pcap_base64: str) -> list[PacketResult]:
    """Every packet of a capture, dissected."""
    results = []
    for position, frame in enumerate(read_capture(decode_base64(pcap_base64, "pcap_base64"))):
        with located(f"packet {position}"):
            results.append(core.codec.dissect(frame.data, frame.link_type))
    return results


def write_pcap(core: Core, packets_base64: list[Any]) -> str:
    """A capture of the frames, in base64."""
    limits.CAPTURE_PACKETS.check(len(packets_base64))
    frames = []
    for position, text in enumerate(packets_base64):
        with located(f"packet {position}"):
            if not isinstance(text, str):
                kind = JsonType.of(text).value
                raise RefusedError(f"a packet must be base64 text, not {kind}")
            frames.append(decode_base64(text, "a packet"))
    return base64.b64encode(write_capture(frames)).decode("ascii")


METHODS = (
    Method(
        "read_pcap",
        read_pcap,
        summary="Dissect the packets of a capture (pcap, pcapng, either in gzip).",
        result="an array of packets: binary (base64) and data, the layers and fields",
        parameters=(Parameter("pcap_base64", (JsonType.STRING,), "the capture file in base64"),),
        versioned=True,
    ),
    Method(
        "write_pcap",
        write_pcap,
        summary="Write Ethernet frames into a capture.",
        result="the pcap file in base64, a string",
        parameters=(Parameter("packets_base64", (JsonType.ARRAY,), "the frames, each in base64"),),
        versioned=True,
    ),
)
