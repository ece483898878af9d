"""The packet editor's documents (`.trp`), and how a list of them looks.

Source: RPC document, "Get a list of predefined packet templates"; docs/wire.md, "Templates".
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.errors import RefusedError

FILE_TYPE = "trex-packet-editor"
VERSION = "1.0.0"


class TemplateMeta(msgspec.Struct, frozen=True):
    """What a client shows of a template."""

    name: str
    description: str


class TemplateEntry(msgspec.Struct, frozen=True):
    """One item of the list of templates."""

    id: str
    meta: TemplateMeta


class TemplateMetadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The member "metadata" of a template file."""

    caption: str
    description: str = ""


class TemplateFile(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A template file: `packet` is a packet model, the rest is the Field Engine's."""

    file_type: str
    version: str
    metadata: TemplateMetadata
    packet: list[dict[str, Any]]
    fe_parameters: dict[str, str] = msgspec.field(name="fePrarameters", default_factory=dict)
    fe_instructions: list[dict[str, Any]] = []

    @classmethod
    def of(
        cls,
        caption: str,
        packet: list[dict[str, Any]],
        instructions: list[dict[str, Any]],
        parameters: dict[str, str],
    ) -> TemplateFile:
        """The document of a packet with its Field Engine program."""
        metadata = TemplateMetadata(caption)
        return cls(FILE_TYPE, VERSION, metadata, packet, parameters, instructions)

    def to_json(self) -> bytes:
        """The text of the file, for people to read as well."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_template(content: bytes) -> TemplateFile:
    """The document in a file's text; RefusedError says what is wrong with it."""
    try:
        return msgspec.json.decode(content, type=TemplateFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(f"this is not a document of the packet editor: {error}") from None
