"""The packet at hand as code: what to paste where it is to be built again.

Each form has a name for people and a function of the packet, its program and its Scapy
expression; `FORMS` is the list from which menus and tabs are made. Pure: the expression is
asked of the server before.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pprint import pformat
from typing import Any

from scapy_server.desk.editing import whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.questions import Asking, ask
from scapy_server.wording import base64_text

_BYTES_A_LINE = 12
#: Stands above the expression of what was built, which gives only what somebody gave.
_DEFAULTS = "# Addresses that are not given: the server's defaults there, Scapy's own in Scapy."


@dataclass(frozen=True)
class Material:
    """What code is written from; `expression` has its imports beside it."""

    packet: Packet
    program: Program
    expression: str
    imports: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """A way to write a packet as code. `language` is for highlighting it."""

    name: str
    language: str
    write: Callable[[Material], str]


def material(packet: Packet, program: Program) -> Asking[Material]:
    """Ask for the expression of a packet, with the values that were given or, of bytes, all."""
    written: Mapping[str, Any]
    if packet.model is not None:
        written = yield from ask("write_expression", whole_model(packet))
    else:
        first = packet.layers[0]["id"] if packet.layers else None
        written = yield from ask("write_expression", base64_text(packet.frame), first)
    try:
        expression, imports = str(written["expression"]), tuple(map(str, written["imports"]))
    except (TypeError, KeyError):
        raise DeskError("the server's answer holds no expression") from None
    return Material(packet, program, expression, imports)


def scapy_expression(material: Material) -> str:
    """What builds the packet in Scapy, with its imports; and the program, if there is one."""
    lines = [*material.imports, ""]
    if material.packet.model is not None:
        lines.append(_DEFAULTS)
    lines.append(f"packet = {material.expression}")
    if material.program.instructions:
        program = pformat(material.program.to_json(), sort_dicts=False)
        lines += [
            "",
            "# What varies the packet, as build_pkt_ex takes it.",
            f"field_engine = {program}",
        ]
    return "\n".join([*lines, ""])


def python_client(material: Material) -> str:
    """A program with the Python client."""
    model = repr(whole_model(material.packet))
    lines = ["from scapy_server import Client", "", 'with Client("localhost:4507") as client:']
    if material.program.instructions:
        extra = repr({"field_engine": material.program.to_json()})
        lines.append(f"    packet = client.build_pkt_ex({model}, {extra})")
    else:
        lines.append(f"    packet = client.build_pkt({model})")
    return "\n".join([*lines, ""])


def rpc_request(material: Material) -> str:
    """The JSON-RPC request that builds it."""
    params: list[Any] = [whole_model(material.packet)]
    method = "build_pkt"
    if material.program.instructions:
        method = "build_pkt_ex"
        params.append({"field_engine": material.program.to_json()})
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.dumps(request, indent=2) + "\n"


def shell_command(material: Material) -> str:
    """A command line that writes it into a capture."""
    return f"scapy-server build {shlex.quote(material.expression)} -o packet.pcap\n"


def c_array(material: Material) -> str:
    """The bytes as an array in C."""
    frame = material.packet.frame
    rows = [
        "    " + " ".join(f"0x{byte:02x}," for byte in frame[at : at + _BYTES_A_LINE])
        for at in range(0, len(frame), _BYTES_A_LINE)
    ]
    return "\n".join([f"static const unsigned char packet[{len(frame)}] = {{", *rows, "};", ""])


#: In the order in which they are offered.
FORMS = (
    Form("Scapy", "Python", scapy_expression),
    Form("Python client", "Python", python_client),
    Form("RPC request", "JSON", rpc_request),
    Form("Command line", "Shell", shell_command),
    Form("C array", "C", c_array),
)
