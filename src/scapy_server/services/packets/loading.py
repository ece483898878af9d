"""The dispatcher of a real server: all methods over the core, warm. Brings Scapy in."""

from __future__ import annotations

from pathlib import Path

from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher

#: Answered once before workers are forked, so that what is made on first use is there,
#: and shared by all of them.
_WARMING = (
    b'{"jsonrpc":"2.0","id":0,"method":"get_definitions"}',
    b'{"jsonrpc":"2.0","id":0,"method":"get_all"}',
    b'{"jsonrpc":"2.0","id":0,"method":"get_templates"}',
    b'{"jsonrpc":"2.0","id":0,"method":"build_pkt",'
    b'"params":[[{"id":"Ether"},{"id":"IP"},{"id":"TCP"},{"id":"Raw"}]]}',
    b'{"jsonrpc":"2.0","id":0,"method":"build_pkt",'
    b'"params":[[{"id":"Ether"},{"id":"IPv6"},{"id":"UDP"}]]}',
)


def load_dispatcher(
    modules: tuple[str, ...], definitions: tuple[Path, ...], templates: tuple[Path, ...]
) -> Dispatcher:
    """All methods over a core with the operator's own modules, definitions and templates.

    Raises whatever a module or file of the operator raises, RefusedError where we can say.
    """
    loaded = dispatcher(Core.load(modules, definitions, templates))
    for request in _WARMING:
        loaded.handle(request)
    return loaded
