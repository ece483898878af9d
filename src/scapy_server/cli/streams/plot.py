"""Pictures of how fields vary over a stream, and of a profile over time, with Matplotlib."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.renderer import Renderer
from scapy_server.errors import RefusedError
from scapy_server.extras import needed
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.streams.timeline import Timeline

ENDINGS = (".svg", ".png", ".pdf")
BINS = 50
WIDEST = 64
#: More streams than this have no names in a picture.
LEGEND = 20
ADDRESSES = ("IP.src", "IP.dst", "ARP.psrc", "ARP.pdst")


def draw(renderer: Renderer, packet: BuiltPacket, start: int, count: int, path: Path) -> None:
    """Draw every field that changes in `count` packets from `start` on into a file.

    Raises RefusedError without Matplotlib, for an unknown ending and when nothing changes.
    """
    figure_class = _figure_class(path)
    rows, lengths = renderer.block(start, count)
    series = changing_fields(rows, packet)
    if renderer.trims:
        series["length"] = lengths.astype(np.float64)
    if not series:
        raise RefusedError("there is nothing to draw: no field changes in these packets")
    figure = figure_class(figsize=(10, 2.4 * len(series)), layout="constrained")
    axes = figure.subplots(len(series), 2, squeeze=False, width_ratios=(3, 1))
    numbers = np.arange(count) + float(start)
    for (name, values), (course, distribution) in zip(series.items(), axes, strict=True):
        course.plot(numbers, values, ".", markersize=2)
        course.set(ylabel=name, xlabel="packet")
        distribution.hist(values, bins=min(BINS, len(np.unique(values))), orientation="horizontal")
        distribution.set(xlabel="packets")
        if name in ADDRESSES:
            for axis in (course.yaxis, distribution.yaxis):
                axis.set_major_formatter(lambda value, _: _dotted(value))
        else:
            for pair in (course, distribution):
                pair.ticklabel_format(useOffset=False)
    _save(figure, path)


def _figure_class(path: Path) -> Any:
    if path.suffix.lower() not in ENDINGS:
        raise RefusedError(f"--plot writes {', '.join(ENDINGS)}, not {path.name}")
    with needed("plot", "--plot"):
        from matplotlib.figure import Figure  # noqa: PLC0415 (an optional extra)
    return Figure


def _save(figure: Any, path: Path) -> None:
    try:
        figure.savefig(path)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None


def draw_timeline(line: Timeline, path: Path) -> None:
    """Draw the rate over time, and below it which stream sends when, into a file.

    Raises RefusedError without Matplotlib, for an unknown ending and when nothing is sent.
    """
    figure_class = _figure_class(path)
    if not line.packets.any():
        raise RefusedError("there is nothing to draw: no packet is sent")
    streams = len(line.names)
    figure = figure_class(figsize=(10, 4 + 0.25 * streams), layout="constrained")
    rate, sending = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1 + 0.25 * streams))
    starts = np.arange(len(line.packets)) * line.step
    rate.stackplot(starts, line.bits.T / line.step, step="post", labels=line.names)
    rate.set(ylabel="bits a second")
    if streams <= LEGEND:
        rate.legend(loc="upper right")
    share = line.packets / np.maximum(line.packets.max(axis=0), 1)
    edges = np.arange(len(line.packets) + 1) * line.step
    sending.pcolormesh(edges, np.arange(streams + 1), share.T, cmap="Blues", vmin=0)
    sending.set(xlabel="seconds", ylabel="stream")
    if streams <= LEGEND:
        sending.set_yticks(np.arange(streams) + 0.5, line.names)
    _save(figure, path)


def _dotted(value: float) -> str:
    """An IPv4 address; nothing for a tick beyond the addresses."""
    return str(IPv4Address(int(value))) if 0 <= value < 1 << 32 else ""


def changing_fields(rows: NDArray[np.uint8], packet: BuiltPacket) -> dict[str, NDArray[Any]]:
    """The values of each field of up to 64 bits that is not the same in all packets."""
    series = {}
    for layer in packet.layers:
        for place in layer.fields:
            first = layer.offset * 8 + place.bit_offset
            if not 0 < place.bit_length <= WIDEST or first + place.bit_length > rows.shape[1] * 8:
                continue
            values = _bits(rows, first, place.bit_length)
            if len(np.unique(values)) > 1:
                series[f"{layer.id}.{place.field.id}"] = values.astype(np.float64)
    return series


def _bits(rows: NDArray[np.uint8], first: int, length: int) -> NDArray[np.uint64]:
    last = first + length
    values = np.zeros(len(rows), np.uint64)
    for byte in range(first // 8, (last + 7) // 8):
        kept = rows[:, byte].astype(np.uint64)
        above = max(first - 8 * byte, 0)
        kept &= np.uint64(0xFF >> above)
        below = max(8 * (byte + 1) - last, 0)
        values = (values << np.uint64(8 - below)) | (kept >> np.uint64(below))
    return values
