"""Writes the page: `python -m tests.rpc_page > docs/rpc.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scapy_server.packet.loading import modules
from scapy_server.rpc import Dispatcher, Example
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.examples import examples
from scapy_server.services.packets.table import METHODS
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.services.packets.calling import reply_to

_LONGEST = 600


def page(dispatcher: Dispatcher) -> str:
    """The whole page."""
    return "\n".join(_lines(dispatcher)) + "\n"


def _lines(dispatcher: Dispatcher) -> Iterator[str]:
    yield "# RPC methods"
    yield ""
    yield "Generated from the table of methods; the examples are answers of the server, cut where"
    yield "they are long. Parameters go by position, with or without the version handler in front,"
    yield "or by name; [packet models](models.md) and [results](results.md) have pages"
    yield 'of their own, and ["Error codes"](wire.md#error-codes) says which errors there are.'
    yield "[`rpc.discover`](#rpcdiscover) gives all of this to programs: an OpenRPC document with"
    yield "the schemas of parameters and results."
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
        yield from ("", "```json", *_exchange(dispatcher, method.name), "```")


def _exchange(dispatcher: Dispatcher, name: str) -> Iterator[str]:
    example = examples()[name]
    message = {"jsonrpc": "2.0", "id": 1}
    yield json.dumps({**message, "method": name, "params": example.params}, ensure_ascii=False)
    reply = json.dumps({**message, **_answer(dispatcher, name, example)}, ensure_ascii=False)
    yield reply if len(reply) <= _LONGEST else f"{reply[:_LONGEST]} …"


def _answer(dispatcher: Dispatcher, name: str, example: Example) -> dict[str, Any]:
    """The result or the error, of which the file has what is short."""
    if not example.is_open:
        return {"result": example.result}
    reply = reply_to(dispatcher, name, example.params)
    return {part: reply[part] for part in ("result", "error") if part in reply}


if __name__ == "__main__":
    print(page(dispatcher_of(Core.over(modules.load()))), end="")
