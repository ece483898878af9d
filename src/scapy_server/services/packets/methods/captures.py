"""Capture files in and out.

Source: docs/captures.md, "Reading in parts"; docs/wire.md, "Captures".
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from scapy_server.captures.reading import capture_of
from scapy_server.captures.writing import write_records
from scapy_server.rpc import Noted
from scapy_server.rpc.method import Parameter
from scapy_server.schema.captures import CapturePage
from scapy_server.schema.results import PacketResult
from scapy_server.services.packets.captured import (
    Page,
    every_packet,
    page,
    page_options,
    records_of,
)
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.services.packets.methods.packets import LINK_TYPE
from scapy_server.wording import JsonType, decode_base64


def read_pcap(
    core: Core, pcap_base64: str, options: dict[str, Any] | None = None
) -> Noted[list[msgspec.Raw]] | Noted[Page]:
    """The packets of a capture, dissected; with options a part of them, with what it says."""
    if options is not None:
        return page(pcap_base64, page_options(options), core.builder, core.last_capture)
    return every_packet(capture_of(decode_base64(pcap_base64, "pcap_base64")), core.builder)


def write_pcap(core: Core, packets_base64: list[Any], link_type: str | int | None = None) -> str:
    """A capture of the packets, in base64."""
    records = records_of(packets_base64, link_type)
    return base64.b64encode(write_records(records)).decode("ascii")


METHODS = (
    Method(
        "read_pcap",
        read_pcap,
        summary="Dissect the packets of a capture (pcap, pcapng, ERF, each also in gzip).",
        result="an array of packets: binary (base64) and data, the layers and fields; with "
        "options an object: packets with what the capture says of each, next and total",
        shape=list[PacketResult] | CapturePage,
        parameters=(
            Parameter("pcap_base64", (JsonType.STRING,), "the capture file in base64"),
            Parameter(
                "options",
                (JsonType.OBJECT, JsonType.NULL),
                "which part: start (a packet's number, from 1), count, and detail, which is "
                "summary, tree or bytes",
                required=False,
            ),
        ),
        versioned=True,
    ),
    Method(
        "write_pcap",
        write_pcap,
        summary="Write packets into a capture.",
        result="the capture in base64: pcap, or pcapng where pcap cannot hold the packets",
        shape=bytes,
        parameters=(
            Parameter(
                "packets_base64",
                (JsonType.ARRAY,),
                "the packets, each in base64 or as read_pcap with options gives it",
            ),
            LINK_TYPE,
        ),
        versioned=True,
    ),
)
