"""`scapy-server preview`: what changes from packet to packet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from scapy_server import limits
from scapy_server.cli.streams.choices import ProfileWish, Shown, number
from scapy_server.cli.streams.profile_preview import show_profile
from scapy_server.cli.streams.profiles import profile_of, started
from scapy_server.cli.streams.targets import Target
from scapy_server.engine.cycles import Cycle
from scapy_server.engine.renderer import END_OF_STREAM, Renderer
from scapy_server.errors import RefusedError, located
from scapy_server.numbers import json_count
from scapy_server.packet.tree.changes import changes, named, shown
from scapy_server.schema.rendering import RenderedPacket
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.ready import ReadyStream, loaded_codec, ready
from scapy_server.wording import printable

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 10_000


def run(source: str, selection: Selection, shown: Shown, profile: ProfileWish) -> None:
    """Show what changes from packet to packet, and draw it if that is asked for."""
    if shown.plot is not None:
        Target(str(shown.plot)).check_free(profile.force)
    document = profile_of(source, profile, selection, alone=shown.start is not None)
    if document is not None:
        if shown.as_json:
            raise RefusedError("--json shows one stream; choose it with --stream")
        show_profile(started(document, profile, selection), shown, profile)
        return
    profile.refuse_alone()
    stream = ready(source, selection, sys.stdin.buffer.read)
    first, count = number(shown.start or "0", "--start"), number(shown.count or "10", "-n")
    limits.RENDERED_PACKETS.check(count)
    drawn = 0 if shown.plot is None else number(shown.plot_count, "--plot-count")
    limits.PLOTTED_PACKETS.check(drawn)
    if first + max(count, drawn) > END_OF_STREAM:
        raise RefusedError("packets are numbered from 0 to 2**63 - 1; --start and -n go beyond")
    renderer = stream.stream.renderer()
    if shown.as_json:
        print(_json(renderer, first, count, stream.warnings))
    else:
        _show(_table(renderer, first, count), [*_variables(stream), _repeats(renderer)])
    for warning in stream.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if shown.plot is not None:
        from scapy_server.cli.streams.plot import draw  # noqa: PLC0415 (pictures are seldom needed)

        draw(renderer, stream.packet(), first, drawn, shown.plot)


def _json(renderer: Renderer, start: int, count: int, warnings: Sequence[str]) -> str:
    """What `render_packets` answers with the detail "changes"; warnings are sentences alone."""
    codec = loaded_codec()
    template = codec.dissect(renderer.template)
    packets = []
    for index, (row, length) in enumerate(zip(*renderer.block(start, count), strict=True), start):
        frame = row[:length].tobytes()
        with located(f"packet {index}"):
            found = changes(template, codec.dissect(frame))
        packets.append(RenderedPacket(index, frame, len(frame), found))
    lead, period = map(json_count, renderer.cycle or (None, None))
    result = {"packets": packets, "lead": lead, "period": period, "warnings": list(warnings)}
    return msgspec.json.encode(result).decode()


def _table(renderer: Renderer, start: int, count: int) -> Table:
    """A row per packet, a column per field that differs from the template in any of them."""
    from rich.table import Table  # noqa: PLC0415 (slow to load)

    codec = loaded_codec()
    template = codec.dissect(renderer.template)
    rows, lengths = renderer.block(start, count)
    columns: dict[tuple[int, str], None] = {}
    packets: list[dict[tuple[int, str], str]] = []
    for index, (row, length) in enumerate(zip(rows, lengths, strict=True), start):
        with located(f"packet {index}"):
            found = changes(template, codec.dissect(row[:length].tobytes()))
        cells = {
            (change.offset, f"{change.layer}.{change.field}"): change.hvalue for change in found
        }
        columns.update(dict.fromkeys(cells))
        packets.append(cells)
    varied = sorted(columns)
    unchanged = {
        (layer.offset + each.offset, f"{name}.{path}"): str(each.hvalue)
        for name, layer in named(template.data)
        for path, each in shown(layer.fields)
    }
    table = Table("packet", box=None, pad_edge=False)
    if renderer.trims:
        table.add_column("length", justify="right")
    for _, name in varied:
        table.add_column(name, overflow="ellipsis", max_width=40)
    for index, (cells, length) in enumerate(zip(packets, lengths, strict=True), start):
        cut = [str(length)] if renderer.trims else []
        values = [_plain(cells.get(column, unchanged.get(column, ""))) for column in varied]
        table.add_row(str(index), *cut, *values)
    return table


def _plain(text: str) -> str:
    """Text that neither steers the terminal nor is markup to Rich."""
    from rich.markup import escape  # noqa: PLC0415

    return escape(printable(text))


def _show(table: Table, lines: list[str]) -> None:
    from rich.console import Console  # noqa: PLC0415

    # Into a file or pipe nothing is folded.
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    if table.columns[1:]:
        console.print(table)
    else:
        console.print("No field changes in these packets.")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _variables(stream: ReadyStream) -> list[str]:
    """A line for each variable: how many values it takes, and after how many packets again."""
    variation = stream.variation()
    return [f"{name}: {_cycle(variation.values_of(name))}" for name in variation.names]


def _cycle(cycle: Cycle) -> str:
    about = "" if cycle.exact else "at most "
    values = "an unknown number of" if cycle.different is None else f"{about}{cycle.different}"
    plural = "" if cycle.different == 1 else "s"
    if cycle.drawn:
        return f"{values} distinct value{plural}, drawn at random"
    if cycle.period is None:
        return f"{values} distinct value{plural}, irregular"
    lead = f" (after the first {cycle.lead})" if cycle.lead else ""
    return f"{values} distinct value{plural}, period {cycle.period}{lead}"


def _repeats(renderer: Renderer) -> str:
    if renderer.cycle is None:
        return "Nobody can tell when the packets repeat."
    lead, period = renderer.cycle
    if period == 1 and not lead:
        return "All packets are equal."
    return f"The packets repeat every {period}" + (f", after the first {lead}." if lead else ".")
