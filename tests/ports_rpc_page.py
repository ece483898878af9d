"""Writes the page: `python -m tests.ports_rpc_page > docs/ports_rpc.md`."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods.table import METHODS


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# RPC methods of ports"
    yield ""
    yield "Generated from the table of methods of the [ports server](ports.md), which speaks the"
    yield "protocol of the traffic engine: parameters go by name, and"
    yield "[Requests](ports.md#requests) says which errors there are. A method that needs a version"
    yield "handler takes `api_h`, as `api_sync_v2` answered it; one that needs a port of one's own"
    yield "takes `port_id` and `handler`, as `acquire` answered it."
    yield from ("", "| Method | What it is about | needs |", "|---|---|---|")
    for method in METHODS:
        yield f"| `{method.name}` | {method.summary} | {_needs(method)} |"


def _needs(method: Method) -> str:
    needs = [] if method.part is None else ["`api_h`"]
    return ", ".join([*needs, "`handler`"] if method.owned else needs) or "nothing"


if __name__ == "__main__":
    print(page(), end="")
