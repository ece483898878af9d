from __future__ import annotations

import json

import pytest

from scapy_server.errors import RefusedError
from scapy_server.schema.templates import TemplateFile, read_template

DOCUMENT = {
    "fileType": "trex-packet-editor",
    "version": "1.0.0",
    "metadata": {"caption": "Ether", "description": ""},
    "packet": [{"id": "Ether", "fields": []}],
    "fePrarameters": {"cache_size": "1000"},
    "feInstructions": [{"id": "STLVmFlowVar", "parameters": {}}],
}


def test_a_document_is_written_as_the_editor_reads_it() -> None:
    written = TemplateFile.of(
        "Ether",
        [{"id": "Ether", "fields": []}],
        [{"id": "STLVmFlowVar", "parameters": {}}],
        {"cache_size": "1000"},
    ).to_json()
    assert json.loads(written) == DOCUMENT
    assert written.endswith(b"}\n")
    assert written.count(b"\n") > 5


def test_what_is_written_is_read() -> None:
    document = read_template(json.dumps(DOCUMENT).encode())
    assert read_template(document.to_json()) == document


def test_a_document_without_a_program() -> None:
    few = {key: value for key, value in DOCUMENT.items() if not key.startswith("fe")}
    document = read_template(json.dumps(few).encode())
    assert (document.fe_instructions, document.fe_parameters) == ([], {})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff", "not a document of the packet editor"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `fileType`"),
        (json.dumps(DOCUMENT | {"packet": 1}).encode(), "at `$.packet`"),
        (json.dumps(DOCUMENT | {"more": 1}).encode(), "unknown field `more`"),
        (b"[" * 100_000, "not a document of the packet editor"),
    ],
)
def test_what_is_no_document(content: bytes, problem: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_template(content)
    assert problem in refusal.value.problem
