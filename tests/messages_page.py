"""Writes the page: `python -m tests.messages_page > docs/messages.md`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from scapy_server.captures.writing import write_capture
from scapy_server.cli.app import app


@dataclass(frozen=True)
class Mistake:
    """What somebody does, and how."""

    what: str
    arguments: Sequence[str]
    typed: str = ""


PACKET = "Ether()/IP()/UDP()/Raw('x'*20)"


def _program(*instructions: dict[str, Any], **beside: Any) -> str:
    model = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}, {"id": "Raw"}]
    program = {"field_engine": {"instructions": list(instructions)}}
    return json.dumps({"source": model, "program": program} | beside)


def _instruction(instruction: str, /, **parameters: str) -> dict[str, Any]:
    return {"id": instruction, "parameters": parameters}


def _variable(**parameters: str) -> dict[str, Any]:
    given = {"name": "a", "size": "2", "op": "inc", "min_value": "1", "max_value": "9"}
    return _instruction("STLVmFlowVar", **(given | parameters))


def _write(**parameters: str) -> dict[str, Any]:
    return _instruction(
        "STLVmWrFlowVar", **({"fv_name": "a", "pkt_offset": "UDP.sport"} | parameters)
    )


def _render(what: str, /, *instructions: dict[str, Any], **beside: Any) -> Mistake:
    arguments = ("render", "-", "-n", "3", "-o", "out.pcap", "--force")
    return Mistake(what, arguments, _program(*instructions, **beside))


PROGRAMS = (
    _render("an instruction misspelt", _instruction("STLVmFlowVarr")),
    _render("a parameter misspelt", _instruction("STLVmFlowVar", name="a", sise="2")),
    _render("a variable of 3 bytes", _variable(size="3")),
    _render("a greatest value that the size cannot hold", _variable(max_value="70000")),
    _render("the least value above the greatest", _variable(min_value="9", max_value="1")),
    _render("an operation that there is not", _variable(op="up")),
    _render("no name", _instruction("STLVmFlowVar", size="2")),
    _render("two variables of one name", _variable(), _variable()),
    _render("writing a variable that there is not", _write(fv_name="b")),
    _render(
        "writing into a layer that the packet has not", _variable(), _write(pkt_offset="TCP.dport")
    ),
    _render(
        "writing into a field that the layer has not", _variable(), _write(pkt_offset="UDP.port")
    ),
    _render("writing beyond the packet", _variable(), _write(pkt_offset="2000")),
    _render("writing 4 bytes into a field of 2", _variable(size="4"), _write()),
    _render(
        "writing bytes into a field of bits", _variable(size="1"), _write(pkt_offset="IP.frag")
    ),
    _render(
        "correcting a checksum that is not there",
        _instruction("STLVmFixChecksumHw", l3_offset="IP", l4_offset="TCP", l4_type="13"),
    ),
    _render(
        "trimming to more than the packet has",
        _variable(min_value="100", max_value="200"),
        _instruction("STLVmTrimPktSize", fv_name="a"),
    ),
    _render("a member misspelt", _variable(), programm={}),
    Mistake(
        "an instruction's list misspelt",
        ("render", "-", "-n", "3", "-o", "out.pcap", "--force"),
        json.dumps({"source": [{"id": "Ether"}], "program": {"field_engine": {"instruction": []}}}),
    ),
)

COMMANDS = (
    Mistake("a layer misspelt", ("build", "Ether()/IPP()")),
    Mistake("a field misspelt", ("build", "Ether()/IP(sorce='10.0.0.1')")),
    Mistake("a bracket forgotten", ("build", "Ether()/IP(")),
    Mistake("an address without quotes", ("build", "Ether()/IP(dst=10.0.0.1)")),
    Mistake("a value out of range", ("build", "Ether()/IP(ttl=999)")),
    Mistake("code that is no packet", ("build", "open('file')")),
    Mistake("a file that is not there", ("dissect", "trase.pcap")),
    Mistake("a packet that the capture has not", ("dissect", "trace.pcap:9")),
    Mistake("packets of a capture without a last one", ("dissect", "trace.pcap:3..")),
    Mistake("a text that is called a capture", ("dissect", "notes.pcap")),
    Mistake("a template misspelt", ("build", "TCP-SYM")),
    Mistake("a profile that is not there", ("render", "profil.py", "-n", "3", "-o", "o.pcap")),
    Mistake("a form that there is not", ("build", PACKET, "-o", "packet.doc")),
    Mistake("a file that is there", ("build", PACKET, "-o", "trace.pcap")),
    Mistake("a packet that no capture begins with", ("build", "VXLAN()", "-o", "vxlan.pcap")),
    Mistake("an equals sign forgotten", ("edit", "trace.pcap", "--set", "IP.src", "-o", "o.pcap")),
    Mistake("a field misspelt in a filter", ("dissect", "trace.pcap", "--where", "IP.tll == 1")),
    Mistake("an address cut short in one", ("dissect", "trace.pcap", "--where", "IP.src == 1.2")),
    Mistake("one equals sign for two", ("dissect", "trace.pcap", "--where", "IP.ttl = 1")),
    Mistake("a host's name in a filter", ("dissect", "trace.pcap", "--bpf", "host example.com")),
    Mistake("a capture edited to nowhere", ("edit", "trace.pcap", "--set", "IP.ttl=1")),
    Mistake("a byte beyond the packet", ("edit", "trace.pcap", "--set", "@99=00", "-o", "o.pcap")),
    Mistake("half a byte", ("edit", "trace.pcap", "--set", "@9=f", "-o", "o.pcap")),
    Mistake("JSON that is not complete", ("call", "build_pkt", '[{"id": "Ether"')),
    Mistake("a file of parameters that is not there", ("call", "build_pkt", "@modell.json")),
    Mistake("parameters by position and by name", ("call", "read_pcap", "AAAA", "options={}")),
    Mistake("no server", ("call", "ping", "--server", "127.0.0.1:1")),
    Mistake("an address without a port", ("call", "ping", "--server", "host:port")),
    Mistake(
        "a profile's options for one stream",
        ("render", PACKET, "-m", "2", "-o", "o.pcap"),
    ),
    Mistake("no number of packets", ("render", PACKET, "-o", "o.pcap")),
)


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Mistakes, and what is said"
    yield ""
    yield "Generated by making each mistake. A message names the place, the value and what would be"
    yield "right, in one line on standard error; the exit status is 1."
    yield from ("", "## At the command line", "")
    yield from _table(COMMANDS)
    yield from ("", "## In Field Engine programs", "")
    yield "Said by `render` and `preview`; the server says the same of `build_pkt_ex`, and the"
    yield "editor in the browser while a program is written."
    yield ""
    yield from _table(PROGRAMS)


def _table(mistakes: Sequence[Mistake]) -> Iterator[str]:
    yield from ("| Mistake | Message |", "|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for mistake in mistakes:
            text = said(mistake, Path(directory)).replace("|", "\\|")
            yield f"| {mistake.what} | `{text}` |"


def said(mistake: Mistake, directory: Path) -> str:
    """The message on standard error, of a command that runs in a directory of its own."""
    (directory / "trace.pcap").write_bytes(write_capture([bytes(60)]))
    (directory / "notes.pcap").write_text("Thursday: nothing was captured")
    before = Path.cwd()
    os.chdir(directory)
    try:
        result = CliRunner().invoke(app, list(mistake.arguments), input=mistake.typed)
    finally:
        os.chdir(before)
    lines = result.stderr.splitlines()
    problem = [line for line in lines if line.startswith(("scapy-server:", "Error"))]
    return (problem or lines or ["(nothing)"])[0]


if __name__ == "__main__":
    print(page(), end="")
