"""One stream of those that TRex's client writes, for rendering it by itself.

Read leniently, as only the packet, the program and the pace count here; whole profiles are
read by `streams.documents`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from scapy_server.errors import RefusedError, shown
from scapy_server.streams.rates import FRAME_CHECK_BYTES, LAYER_1_BYTES
from scapy_server.streams.sources.given import GivenStream


def chosen(streams: Sequence[Mapping[str, Any]], wanted: str | None) -> GivenStream:
    """The stream of that name or number, or the only one; raises RefusedError."""
    names = [_name(stream, number) for number, stream in enumerate(streams)]
    if wanted is None and len(streams) > 1:
        raise RefusedError(
            f"there are {len(streams)} streams; choose one with --stream: {', '.join(names)}"
        )
    if wanted is not None and wanted not in names:
        raise RefusedError(f"there is no stream {shown(wanted)}; there are {', '.join(names)}")
    stream = streams[0 if wanted is None else names.index(wanted)]
    try:
        return _of_stream(stream)
    except KeyError as error:
        raise RefusedError(f"the stream is not one of TRex: it has no {error}") from None
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise RefusedError(f"the stream is not one of TRex: {error}") from None


def _name(stream: Mapping[str, Any], number: int) -> str:
    return str(stream.get("name") or stream.get("id") or number)


def _of_stream(stream: Mapping[str, Any]) -> GivenStream:
    mode = stream.get("mode") or {}
    rate = mode.get("rate") or {}
    vm = stream.get("vm") or None
    notes = []
    flags = int(stream.get("flags") or 0)
    if flags & 7 != 3:
        notes.append(
            "the engine replaces MAC addresses of this stream by those of its ports; "
            "here they are the packet's"
        )
    if rate.get("type") == "percentage":
        notes.append("the rate is a share of an unknown link speed; give --rate")
    kind = mode.get("type")
    count = burst = None
    if kind == "single_burst":
        count = burst = int(mode["total_pkts"])
    elif kind == "multi_burst":
        burst = int(mode["pkts_per_burst"])
        count = burst * int(mode["count"])
        notes.append("the gaps between bursts are left out")
    return GivenStream(
        {"binary": stream["packet"]["binary"]},
        {"vm": vm} if vm else None,
        int(stream.get("random_seed") or 0) or None,
        lambda length: _gap(rate, length),
        count,
        tuple(notes),
        burst,
    )


def _gap(rate: Mapping[str, Any], length: int) -> Fraction | None:
    """Seconds between packets of that length at a stream's rate, if it says it."""
    value = rate.get("value")
    if not isinstance(value, int | float) or value <= 0:
        return None
    bits = {
        "pps": 1,
        "bps_L2": 8 * (length + FRAME_CHECK_BYTES),
        "bps_L1": 8 * (length + FRAME_CHECK_BYTES + LAYER_1_BYTES),
    }.get(str(rate.get("type")))
    return None if bits is None else bits / Fraction(value)
