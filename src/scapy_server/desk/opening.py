"""What a file, or a text that was pasted, holds: packets and a program.

A document of the packet editor (`.trp`), a packet model (JSON), a capture, bytes in
hexadecimal, or a Scapy expression, told apart by what they begin with and not by their names.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, BinaryIO

from scapy_server.captures.reading import Capture
from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import is_instruction
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.questions import Asking, ask
from scapy_server.desk.typed import from_hex, from_json
from scapy_server.errors import ScapyServerError
from scapy_server.wording import decode_base64

_HEX = re.compile(r"(?:0[xX])?[0-9a-fA-F]{2}(?:[\s:,]*(?:0[xX])?[0-9a-fA-F]{2})*\s*\Z")


def is_text(content: bytes) -> bool:
    """Whether it is read as a text: JSON, hexadecimal or an expression."""
    head = content[:4096]
    return b"\0" not in head and not any(byte < 9 or 13 < byte < 32 for byte in head)


def open_text(name: str, text: str) -> Asking[Document]:
    """The document that a text stands for; DeskError where it is none."""
    stripped = text.strip()
    if not stripped:
        raise DeskError(f"{name} is empty")
    document = Document(name)
    if stripped[0] in "{[":
        value = from_json(stripped)
        packet, program = yield from read_document(value)
        document.replace(packet, f"open {name}", program)
    elif _HEX.match(stripped):
        packet = yield from editing.dissected(from_hex(stripped))
        document.replace(packet, f"open {name}")
    else:
        expression, program = read_python(stripped) or (stripped, Program())
        packet = yield from editing.from_expression(expression)
        document.replace(packet, f"open {name}", program)
    document.history.saved()
    return document


def read_python(text: str) -> tuple[str, Program] | None:
    """The expression and the program of a file as `save` writes it for Scapy; None for others.

    It is read, and never run: `packet = …` is the expression, `field_engine = …` a program.
    """
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    values = {
        statement.targets[0].id: statement.value
        for statement in statements
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    expression = ast.get_source_segment(text, values["packet"]) if "packet" in values else None
    if expression is None:
        return None
    try:
        content = ast.literal_eval(values["field_engine"]) if "field_engine" in values else {}
    except (ValueError, TypeError):
        raise DeskError("field_engine is no program that is written out") from None
    return expression, _given_program({"field_engine": content})


def open_template(template_id: str) -> Asking[Document]:
    """The document of a template of the server; DeskError where there is none."""
    content = yield from ask("get_template", {"id": template_id})
    try:
        text = base64.b64decode(content or "", validate=True).decode("utf-8", "replace")
    except (TypeError, ValueError):
        raise DeskError("the server's answer is no template") from None
    if not text:
        raise DeskError(f"there can be no template {template_id!r}")
    packet, program = yield from read_document(from_json(text))
    document = Document(template_id.rpartition("/")[2])
    document.replace(packet, f"template {template_id}", program)
    document.history.saved()
    return document


def read_document(value: Any) -> Asking[tuple[Packet, Program]]:
    """The packet and program of a model, or of a document of the packet editor.

    Its `fePrarameters` is spelled so.
    """
    if isinstance(value, list):
        packet = yield from editing.built(value)
        return packet, Program()
    if isinstance(value, dict) and "source" in value:
        packet = yield from _read_given(value["source"])
        return packet, _given_program(value.get("program"))
    if not isinstance(value, dict) or not isinstance(value.get("packet"), list):
        raise DeskError('not a document of the packet editor: it has no array "packet"')
    program = _program(value.get("feInstructions"), value.get("fePrarameters"))
    packet = yield from editing.built(value["packet"])
    return packet, program


def _read_given(source: Any) -> Asking[Packet]:
    """A packet as `render_packets` takes it: a model, or bytes in base64."""
    if isinstance(source, dict) and isinstance(source.get("binary"), str):
        return (yield from editing.dissected(decode_base64(source["binary"], "binary")))
    return (yield from editing.built(source))


def _given_program(program: Any) -> Program:
    if program is None:
        return Program()
    content = program.get("field_engine") if isinstance(program, dict) else None
    if not isinstance(content, dict):
        raise DeskError('a program is {"field_engine": {"instructions": […]}}')
    return _program(content.get("instructions"), content.get("global_parameters"))


def _program(instructions: Any, global_parameters: Any) -> Program:
    instructions, global_parameters = instructions or [], global_parameters or {}
    fits = isinstance(instructions, list) and isinstance(global_parameters, Mapping)
    if not fits or not all(map(is_instruction, instructions)):
        raise DeskError("the Field Engine program of the document is not one")
    return Program(tuple(instructions), dict(global_parameters))


class Reading:
    """A capture that is taken up part by part. Raises DeskError for what is none."""

    def __init__(self, name: str, content: BinaryIO, bound: int) -> None:
        self._name = name
        try:
            self._capture = Capture(content, bound)
        except ScapyServerError as error:
            raise DeskError(f"{name}: {error}") from None
        self._records = self._capture.records()

    @property
    def damage(self) -> str | None:
        """Why the capture ended before its end, once it has."""
        return self._capture.damage

    def begin(self, most: int) -> Document:
        """A document of the first packets, none of them looked at; DeskError without any."""
        document = Document(self._name, is_capture=True)
        self.go_on(document, most)
        if not len(document):
            raise DeskError(f"{self._name}: {self.damage or 'the capture has no packets'}")
        return document

    def go_on(self, document: Document, most: int) -> bool:
        """Take the next packets up, at most so many; whether there may be more."""
        try:
            records = list(islice(self._records, most))
        except ScapyServerError as error:
            raise DeskError(f"{self._name}: {error}") from None
        document.add_records(records)
        return len(records) == most
