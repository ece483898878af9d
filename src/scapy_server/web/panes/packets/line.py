"""A packet in one line of the list."""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.desk.document import Document
from scapy_server.desk.packet import Packet
from scapy_server.desk.profiles import pace_in_words


@dataclass(frozen=True)
class Line:
    """A packet in one line."""

    number: str
    time: str
    length: str
    layers: str
    info: str


def line_of(document: Document, position: int) -> Line:
    """A packet of the document in one line."""
    packet = document.at(position)
    record = packet.record
    time_ns = None if record is None else record.time_ns
    first = document.at(0).record
    start = None if first is None else first.time_ns
    since = "" if time_ns is None or start is None else f"{(time_ns - start) / 1e9:.6f}"
    layers = "/".join(str(layer["id"]) for layer in packet.layers)
    return Line(str(position + 1), since, str(len(packet.frame)), layers, info_of(packet))


def info_of(packet: Packet) -> str:
    """How its stream sends, where from and where to, and what is wrong, if anything."""
    ends: tuple[str, str] | None = None
    for layer in packet.layers:
        values = {item["id"]: str(item.get("hvalue", "")) for item in layer["fields"]}
        if "src" in values and "dst" in values:
            ends = values["src"], values["dst"]
        elif "psrc" in values and "pdst" in values:
            ends = values["psrc"], values["pdst"]
    text = "" if ends is None else f"{ends[0]} → {ends[1]}"
    if packet.stream is not None:
        text = f"{pace_in_words(packet.stream)} {text}".strip()
    return f"⚠ {packet.problem} {text}".strip() if packet.problem else text
