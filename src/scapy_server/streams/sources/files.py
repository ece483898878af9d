"""The sources that `render` and `preview` take: files, ids of templates, and what is written out.

A source is a template file of the packet editor (`.trp`), the id of a template, a Scapy
expression, JSON, or a capture, whose first packet counts; `-` is any of these on standard
input. JSON holds a packet model, or `{"source": …, "program": …}` as `render_packets` takes
them, or streams as TRex writes profiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.captures.layouts import GZIP_MAGIC
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.reading import first_record, is_capture
from scapy_server.catalog.templates import Templates
from scapy_server.errors import RefusedError, located, shown
from scapy_server.schema.templates import read_template
from scapy_server.streams.documents.trex_profile import streams_of
from scapy_server.streams.sources.engine_streams import chosen
from scapy_server.streams.sources.given import Expression, GivenStream, Selection
from scapy_server.wording import check_members, json_type

#: How JSON begins that is written out where a name could stand.
_WRITTEN_OUT = ("[", "{")


def read_source(
    name: str, selection: Selection, stdin: Callable[[], bytes] = lambda: b""
) -> GivenStream:
    """Find and read a source; raises RefusedError, with what is wrong and where.

    `stdin` gives all of standard input.
    """
    path = Path(name.removeprefix("@"))
    if name == "-":
        with located("standard input"):
            given = _of_content(stdin(), selection.stream)
    elif name.startswith("@") or is_file(path):
        data = _read(path)
        with located(name):
            given = _of_content(data, selection.stream)
    elif name.lstrip()[:1] in _WRITTEN_OUT or "(" in name:
        given = _of_content(name.encode(), selection.stream)
    elif path.is_dir():
        raise RefusedError(f"{name} is a directory; name a file in it")
    else:
        given = _of_template(Templates().named(name))
    return given if selection.program is None else _with_program(given, selection.program)


def _with_program(given: GivenStream, path: Path) -> GivenStream:
    if not path.is_file():
        raise RefusedError(f"there is no file {shown(str(path))}")
    with located(str(path)):
        return replace(given, program=_program(_json(_read(path))))


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


def is_file(path: Path) -> bool:
    """Whether it names a file, and is not a text that names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # an expression too long, or with a zero in it, to be a name
        return False


def _of_content(data: bytes, stream: str | None) -> GivenStream:
    if is_capture(data):
        frame = first_record(data)
        if frame.link_type != ETHERNET:
            raise RefusedError(
                f"its packets begin with link type {frame.link_type}; Ethernet ones can be sent"
            )
        if frame.problem:
            raise RefusedError(f"its first packet cannot be sent: {frame.problem}")
        return GivenStream({"frame": frame.data})
    if data.lstrip()[:1] not in (b"[", b"{") and b"(" in data and data.isascii():
        return GivenStream(Expression(data.decode().strip()))
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
    streams = streams_of(content)
    if streams:
        return chosen(streams, stream)
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
        raise RefusedError(f"this is neither a capture, an expression nor JSON: {error}") from None


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
