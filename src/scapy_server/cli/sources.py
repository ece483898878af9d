"""What `render` and `preview` take for a SOURCE: files and template ids.

A source is a template file of the packet editor (`.trp`), the id of a template, a JSON
file, or a capture, whose first packet counts. A JSON file holds a packet model, or
`{"source": …, "program": …}` as `render_packets` takes them, or streams as TRex writes
profiles in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.captures.layouts import GZIP_MAGIC
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import first_record, is_capture
from scapy_server.errors import RefusedError, located, shown
from scapy_server.schema.templates import read_template
from scapy_server.services.packets.core import Core
from scapy_server.wording import check_members, json_type

_FCS, _PREAMBLE_AND_GAP = 4, 20


@dataclass(frozen=True)
class GivenStream:
    """A packet and a program as they are given, and what else the source says.

    `source` and `program` are what `render_packets` takes. `gap` (seconds), `count` and
    `burst` (the packets of one burst) are None where the source does not say them.
    """

    source: Any
    program: Mapping[str, Any] | None = None
    random_seed: int | None = None
    gap: Callable[[int], Fraction | None] = lambda length: None
    count: int | None = None
    notes: tuple[str, ...] = ()
    burst: int | None = None

    def notes_for(self, cores: int) -> list[str]:
        """What to know of the rendering, also of how cores share bursts."""
        notes = list(self.notes)
        if self.burst is None or cores == 1:
            return notes
        if self.burst < cores:
            notes.append(
                f"one core sends a burst of {self.burst} packets, as there are fewer packets than "
                "cores; render it with --cores 1"
            )
        elif self.burst % cores and self.count != self.burst:
            notes.append(
                f"bursts of {self.burst} packets do not divide among {cores} cores, so the "
                "engine's order is another one from the second burst on"
            )
        return notes


def read_source(
    name: str, program: Path | None, stream: str | None, core: Callable[[], Core]
) -> GivenStream:
    """Find and read a source; raises RefusedError, with what is wrong and where."""
    path = Path(name)
    if path.is_file():
        data = _read(path)
        with located(name):
            given = _of_file(data, stream)
    elif "." in path.name and path.suffix in (".trp", ".json", ".pcap", ".pcapng", ".cap"):
        raise RefusedError(f"there is no file {shown(name)}")
    else:
        content = core().templates.content(name)
        if not content:
            raise RefusedError(f"there is neither a file nor a template {shown(name)}")
        given = _of_template(content)
    if program is not None:
        if not program.is_file():
            raise RefusedError(f"there is no file {shown(str(program))}")
        with located(str(program)):
            given = replace(given, program=_program(_json(_read(program))))
    return given


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(int(limits.FRAME_BYTES))
            if is_capture(start) and not start.startswith(GZIP_MAGIC):
                return start  # the first packet is in it
            limits.SOURCE_BYTES.check(path.stat().st_size)
            return start + file.read(int(limits.SOURCE_BYTES))
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None


def _of_file(data: bytes, stream: str | None) -> GivenStream:
    if is_capture(data):
        frame = first_record(data)
        if frame.link_type != ETHERNET:
            raise RefusedError(
                f"its packets begin with link type {frame.link_type}; Ethernet ones can be sent"
            )
        if frame.problem:
            raise RefusedError(f"its first packet cannot be sent: {frame.problem}")
        return GivenStream({"frame": frame.data})
    content = _json(data)
    if isinstance(content, dict) and "fileType" in content:
        return _of_template(data)
    if isinstance(content, dict) and "source" in content:
        check_members(content, ("source", "program", "options"), "a stream")
        seed = content.get("options", {}).get("random_seed") if content.get("options") else None
        program = content.get("program")
        return GivenStream(content["source"], program and _program(program), seed)
    if isinstance(content, dict) and (
        "model" in content or isinstance(content.get("packet"), list)
    ):
        program = {key: content[key] for key in ("field_engine", "vm") if content.get(key)}
        return GivenStream(content.get("model", content.get("packet")), program or None)
    streams = _streams(content)
    if streams:
        return _chosen(streams, stream)
    if isinstance(content, list):
        return GivenStream(content)
    raise RefusedError(
        'this is neither a template, nor a packet model, nor {"source": …, "program": …}, '
        "nor streams of TRex"
    )


def _json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError(f"this is neither a capture nor JSON: {error}") from None


def _program(content: Any) -> Mapping[str, Any]:
    """A program on its own: as `render_packets` takes it, or its bare instructions."""
    if not isinstance(content, dict):
        raise RefusedError(f"a program is an object, not {json_type(content)}")
    if content.keys() & {"field_engine", "vm"}:
        return content
    instructions = content.get("instructions")
    if not isinstance(instructions, list):
        raise RefusedError('a program has "field_engine", "vm" or "instructions"')
    compiled = all(isinstance(item, dict) and "type" in item for item in instructions)
    return {"vm" if compiled else "field_engine": content}


def _of_template(content: bytes) -> GivenStream:
    template = read_template(content)
    if not template.fe_instructions:
        return GivenStream(template.packet)
    engine = {
        "instructions": template.fe_instructions,
        "global_parameters": dict(template.fe_parameters),
    }
    return GivenStream(template.packet, {"field_engine": engine})


# --- streams as TRex writes them


def _streams(content: Any) -> list[tuple[str, dict[str, Any]]]:
    """The streams in a profile, named; none if it is no profile."""
    if isinstance(content, dict):
        content = content.get("streams", [content])
    if not isinstance(content, list):
        return []
    found = []
    for number, item in enumerate(content):
        if not isinstance(item, dict):
            return []
        stream = item.get("stream", item)
        packet = stream.get("packet") if isinstance(stream, dict) else None
        if not isinstance(packet, dict) or "binary" not in packet:
            return []
        found.append((str(item.get("name") or item.get("id") or number), stream))
    return found


def _chosen(streams: list[tuple[str, dict[str, Any]]], wanted: str | None) -> GivenStream:
    names = [name for name, _ in streams]
    if wanted is None and len(streams) > 1:
        raise RefusedError(
            f"there are {len(streams)} streams; choose one with --stream: {', '.join(names)}"
        )
    if wanted is not None and wanted not in names:
        raise RefusedError(f"there is no stream {shown(wanted)}; there are {', '.join(names)}")
    stream = streams[0 if wanted is None else names.index(wanted)][1]
    try:
        return _of_stream(stream)
    except KeyError as error:
        raise RefusedError(f"the stream is not one of TRex: it has no {error}") from None
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        problem = str(error)
        raise RefusedError(f"the stream is not one of TRex: {problem}") from None


def _of_stream(stream: dict[str, Any]) -> GivenStream:
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
        "bps_L2": 8 * (length + _FCS),
        "bps_L1": 8 * (length + _FCS + _PREAMBLE_AND_GAP),
    }.get(str(rate.get("type")))
    return None if bits is None else bits / Fraction(value)
