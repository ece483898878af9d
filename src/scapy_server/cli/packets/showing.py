"""Packets on the screen, as trees with their bytes, or as lines of JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from scapy_server.batch.answering import Answerer
from scapy_server.batch.fleet import loaded_core
from scapy_server.batch.recipe import Recipe
from scapy_server.batch.selecting import Seen, Selector
from scapy_server.batch.sources import CaptureSource, read_source
from scapy_server.cli.problems import note
from scapy_server.console.output import Output
from scapy_server.console.view import dump_lines, remarks, title, tree_lines
from scapy_server.desk.document import Document
from scapy_server.desk.packet import Packet
from scapy_server.desk.saving import record_of
from scapy_server.services.packets.captured import dissected_packet
from scapy_server.services.packets.core import Core
from scapy_server.wording import base64_text

#: Said of a filter that lets nothing through.
NONE_CHOSEN = "no packet was chosen"
_MOST_DUMPED = 4096


def show(source: str, recipe: Recipe, count: int | None, as_json: bool) -> None:
    """Print the packets that a recipe chooses; raises ScapyServerError and DeskError."""
    core = loaded_core()
    found = read_source(source, lambda: sys.stdin.buffer, Answerer(core), core.templates)
    packets = islice(_chosen(found, Selector(recipe, core.registry), core), count)
    printed = _as_lines(packets) if as_json else _as_trees(packets)
    if recipe.chooses and not printed:
        note(NONE_CHOSEN)


def _as_lines(packets: Iterable[tuple[Packet, bytes]]) -> int:
    """Print them as JSON; how many there were."""
    return sum(sys.stdout.write(line.decode() + "\n") > 0 for _, line in packets)


def _as_trees(packets: Iterable[tuple[Packet, bytes]]) -> int:
    """Print them with their bytes; how many there were."""
    output, number = Output(interactive=False), 0
    for number, (packet, _) in enumerate(packets, 1):
        if number > 1:
            output.line()
        output.line(title(packet, _place(packet)), "bold")
        for said in remarks(packet):
            output.line(said, "yellow")
        output.lines(tree_lines(packet))
        output.line()
        output.lines(dump_lines(packet, _MOST_DUMPED))
    return number


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
