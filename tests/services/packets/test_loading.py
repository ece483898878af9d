from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from scapy_server.catalog.definitions import Definitions
from scapy_server.errors import RefusedError
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.loading import load_dispatcher


def result(dispatcher: Dispatcher, method: str) -> object:
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode()
    return json.loads(dispatcher.handle(request).data)["result"]


def test_what_is_made_on_first_use_is_there(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are forked from it, and would each make it anew."""
    loaded = load_dispatcher((), (), ())
    expected = result(dispatcher, "get_definitions")

    def again(*arguments: object) -> NoReturn:
        raise AssertionError("it was to be there")

    monkeypatch.setattr(Definitions, "select", again)
    assert result(loaded, "get_definitions") == expected


def test_what_the_operator_names_and_cannot_be_used(
    core: Core, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Core, "load", lambda modules, *files: Core.over(core.registry, *files))
    with pytest.raises(RefusedError, match=r"mine\.json"):
        load_dispatcher((), (tmp_path / "mine.json",), ())
    with pytest.raises(RefusedError, match="missing is no directory"):
        load_dispatcher((), (), (tmp_path / "missing",))
