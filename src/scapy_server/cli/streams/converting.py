"""`scapy-server convert`: profiles from one form of file into another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from scapy_server.cli.streams.choices import Playback, ProfileWish, Wish
from scapy_server.cli.streams.profile_capture import render_profile
from scapy_server.cli.streams.profiles import CAPTURE_ENDINGS, document_at, started
from scapy_server.cli.streams.targets import Target
from scapy_server.errors import RefusedError
from scapy_server.programs.decompile import decompile
from scapy_server.schema.results import LayerResult
from scapy_server.schema.templates import TemplateFile
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.documents.files import losses, written
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.prepared import described, prepare
from scapy_server.streams.sources.ready import loaded_codec
from scapy_server.whole_files import write_whole


def run(source: str, output: str, wish: ProfileWish, playback: Playback) -> None:
    """Read a profile and write it in the form that the output's name ends with.

    Of the wish, ports and tunables are those of a Python profile, and `force` replaces a file.
    """
    target = Path(output)
    Target(output).check_free(wish.force)
    document = document_at(Path(source), wish, playback)
    ending = target.suffix.lower()
    if ending in CAPTURE_ENDINGS:
        _tell(["its programs, rates and chains: a capture holds packets and their times"])
        traffic = started(document, ProfileWish(), Selection())
        render_profile(traffic, Wish(output=output), ProfileWish(force=True), None)
        return
    data = template(document) if ending == ".trp" else written(document, ending)
    _tell(template_losses(document) if ending == ".trp" else losses(document, ending))
    write_whole(target, data)


def _tell(lost: list[str]) -> None:
    for sentence in lost:
        print(f"warning: the new form does not hold {sentence}", file=sys.stderr)


def template(document: ProfileDocument) -> bytes:
    """The one stream of a document as a template of the packet editor; raises RefusedError."""
    if len(document.entries) != 1:
        raise RefusedError(f"a .trp file holds one stream, and there are {len(document.entries)}")
    stream = document.entries[0].stream()
    codec = loaded_codec()
    model = _model(codec.dissect(stream.frame).data)
    if prepare(codec, model, None).packet.frame != stream.frame:
        raise RefusedError("the packet cannot be told by its fields alone; use another form")
    engine = decompile(stream.vm or {"instructions": []}, described(codec, stream.frame))
    instructions: list[dict[str, Any]] = msgspec.to_builtins(engine.instructions)
    cache = {name: str(value) for name, value in (engine.global_parameters or {}).items()}
    return TemplateFile.of(stream.name, model, instructions, cache).to_json()


def _model(layers: list[LayerResult]) -> list[dict[str, Any]]:
    """The packet model that says the same as a field tree."""
    model: list[dict[str, Any]] = msgspec.to_builtins(
        [
            {
                "id": layer.id,
                "fields": [
                    {"id": field.id, "value": field.value}
                    for field in layer.fields
                    if not field.ignored
                ],
            }
            for layer in layers
        ]
    )
    return model


def template_losses(document: ProfileDocument) -> list[str]:
    """What a template does not hold of a stream."""
    found = ["the pace, flags, chain and statistics of its stream"]
    return found + losses(ProfileDocument(document.entries, document.commands), ".py")
