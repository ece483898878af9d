from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core


def test_loading_again_gives_the_same(core: Core) -> None:
    again = Core.load()
    assert [layer.id for layer in again.registry] == [layer.id for layer in core.registry]
    assert again.databases.protocols_md5 == core.databases.protocols_md5
    assert again.databases.fields_md5 == core.databases.fields_md5


def test_no_request_can_exchange_its_parts(core: Core) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        core.registry = core.registry  # type: ignore[misc]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"protocols": 5}'])
def test_definitions_that_cannot_be_used(core: Core, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "mine.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(RefusedError, match=r"mine\.json"):
        Core.over(core.registry, [file])
