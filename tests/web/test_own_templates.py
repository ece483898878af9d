from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.desk.errors import DeskError
from scapy_server.web.own_templates import OwnTemplates


def test_what_is_written_is_listed_and_read(tmp_path: Path) -> None:
    own = OwnTemplates(tmp_path / "made")
    assert own.names() == []
    own.write("my DNS-query v1.2", b"{}")
    own.write("another", b"[]")
    assert own.names() == ["another", "my DNS-query v1.2"]
    assert own.read("another") == "[]"


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    own = OwnTemplates(tmp_path)
    own.write("one", b"1")
    with pytest.raises(DeskError, match="there is a template 'one' already"):
        own.write("one", b"2")
    own.write("one", b"2", overwrite=True)
    assert own.read("one") == "2"


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "..", "a\0b", "x" * 81, "a..b"])
def test_names_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    own = OwnTemplates(tmp_path)
    with pytest.raises(DeskError, match="cannot name a template"):
        own.read(name)
    with pytest.raises(DeskError, match="cannot name a template"):
        own.write(name, b"")


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    directory = tmp_path / "own"
    directory.mkdir()
    (directory / "link.trp").symlink_to(secret)
    with pytest.raises(DeskError, match="a link"):
        OwnTemplates(directory).read("link")


def test_what_is_not_there_or_too_large(tmp_path: Path) -> None:
    own = OwnTemplates(tmp_path)
    with pytest.raises(DeskError, match="cannot be read: No such file"):
        own.read("missing")
    with (tmp_path / "huge.trp").open("wb") as file:
        file.truncate(limits.EDITOR_TEMPLATE_BYTES + 1)
    with pytest.raises(DeskError, match="more than 4194304 bytes"):
        own.read("huge")
