"""Packets on the screen, as trees with their bytes, or as lines of JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice

import msgspec

from scapy_server.batch.answering import Answerer
from scapy_server.batch.fleet import loaded_core
from scapy_server.batch.recipe import Recipe
from scapy_server.batch.selecting import Seen, Selector
from scapy_server.batch.sources import CaptureSource, read_source
from scapy_server.console.output import Output
from scapy_server.console.view import dump_lines, remarks, title, tree_lines
from scapy_server.desk.document import Document
from scapy_server.desk.packet import Packet
from scapy_server.desk.saving import record_of
from scapy_server.services.packets.captured import dissected_packet
from scapy_server.services.packets.core import Core
from scapy_server.wording import base64_text

_MOST_DUMPED = 4096


def show(source: str, recipe: Recipe, count: int | None, as_json: bool) -> None:
    """Print the packets that a recipe chooses; raises ScapyServerError and DeskError."""
    core = loaded_core()
    found = read_source(source, lambda: sys.stdin.buffer, Answerer(core), core.templates)
    packets = islice(_chosen(found, Selector(recipe, core.registry), core), count)
    if as_json:
        for _, line in packets:
            sys.stdout.write(line.decode() + "\n")
        return
    output = Output(interactive=False)
    for number, (packet, _) in enumerate(packets):
        if number:
            output.line()
        output.line(title(packet, _place(packet)), "bold")
        for said in remarks(packet):
            output.line(said, "yellow")
        output.lines(tree_lines(packet))
        output.line()
        output.lines(dump_lines(packet, _MOST_DUMPED))


def _place(packet: Packet) -> str:
    return "" if packet.record is None else f"packet {packet.record.number}"


def _chosen(
    found: Document | CaptureSource, selector: Selector, core: Core
) -> Iterator[tuple[Packet, bytes]]:
    """The packets, each with its JSON."""
    if isinstance(found, Document):
        packet = found.packet
        if selector.matches(Seen(record_of(0, packet), core)):
            content = {"binary": base64_text(packet.frame), "data": packet.layers}
            yield packet, msgspec.json.encode(content)
        return
    for record in found.records():
        if selector.matches(Seen(record, core)):
            line = dissected_packet(record, core.builder)
            shown = msgspec.json.decode(line)
            layers, problem = tuple(shown["data"]), shown.get("problem")
            yield Packet(record.data, layers, record=record, problem=problem), line
