"""`scapy-server explain`: a program in sentences."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from scapy_server.errors import RefusedError
from scapy_server.streams.documents.files import YAML_ENDINGS
from scapy_server.streams.sources.explained import explanation
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.ready import ready, sentence_of
from scapy_server.wording import printable


def run(source: str, program: Path | None, stream: str | None, as_json: bool) -> None:
    """Explain the program of one stream; raises ScapyServerError."""
    if Path(source).suffix.lower() in (".py", *YAML_ENDINGS):
        raise RefusedError(
            f"{source}: one stream is explained; scapy-server convert {source} -o profile.json "
            "writes them as JSON, of which --stream chooses one"
        )
    given = ready(source, Selection(program, stream), sys.stdin.buffer.read)
    told = explanation(given)
    if as_json:
        print(msgspec.json.encode(told).decode())
        return
    for each in told.instructions:
        print(printable(f"{each.instruction:>3} {each.text}"))
    print(told.summary)
    for warning in dict.fromkeys([*given.warnings, *map(sentence_of, told.warnings)]):
        print(f"warning: {printable(warning)}", file=sys.stderr)
