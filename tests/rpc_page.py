"""Writes the page: `python -m tests.rpc_page > docs/rpc.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scapy_server.packet.loading import modules
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import METHODS
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.services.packets.calling import call

_STACK = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]
_FRAME = "AAAAAQAAAAAAAgAACABFAAAcAAEAAEARO88QAAABMAAAAQA1ADUACLFl"
_LONGEST = 600

#: The parameters of the examples, of methods that answer without a running server.
EXAMPLES: Mapping[str, list[Any]] = {
    "get_version_handler": ["1", "02"],
    "supported_methods": ["build_pkt"],
    "describe_method": ["get_payload_classes"],
    "get_tree": [],
    "get_payload_classes": [[{"id": "IP"}]],
    "build_pkt": [_STACK],
    "build_pkts": [[[{"id": "Nope"}]]],
    "build_pkt_ex": [_STACK, {"field_engine": {}}],
    "reconstruct_pkt": [_FRAME, [{"id": "Ether"}, {"id": "IP", "delete": True}]],
    "read_expression": ["Ether()/IP(ttl=9)"],
    "write_expression": [_FRAME],
    "get_all_pkt_offsets": ["UDP(dport=53)"],
    "write_pcap": [[]],
    "ping": [],
}


def page(dispatcher: Dispatcher) -> str:
    """The whole page."""
    return "\n".join(_lines(dispatcher)) + "\n"


def _lines(dispatcher: Dispatcher) -> Iterator[str]:
    yield "# RPC methods"
    yield ""
    yield "Generated from the table of methods; the examples are answers of the server, cut where"
    yield "they are long. Parameters go by position, with or without the version handler in front,"
    yield 'or by name; [what clients rely on](wire.md) says more, and "Error codes" there which'
    yield "errors there are."
    for method in METHODS:
        yield from ("", f"## {method.name}", "", method.summary, "")
        if method.parameters:
            yield from ("| Parameter | Takes | |", "|---|---|---|")
            for parameter in method.parameters:
                optional = "" if parameter.required else " (optional)"
                words = parameter.help.replace("|", "\\|")
                yield f"| `{parameter.name}` | {parameter.expected}{optional} | {words} |"
            yield ""
        yield f"Result: {method.result}"
        if method.name in EXAMPLES:
            yield from ("", "```json", *_example(dispatcher, method.name), "```")


def _example(dispatcher: Dispatcher, name: str) -> Iterator[str]:
    params = EXAMPLES[name]
    yield json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": params})
    reply = json.dumps({"jsonrpc": "2.0", "id": 1, "result": call(dispatcher, name, params)})
    yield reply if len(reply) <= _LONGEST else f"{reply[:_LONGEST]} …"


if __name__ == "__main__":
    print(page(dispatcher_of(Core.over(modules.load()))), end="")
