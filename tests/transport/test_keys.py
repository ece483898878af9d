from __future__ import annotations

import stat
from pathlib import Path

import pytest
from zmq.utils import z85

from scapy_server.client import keys as client_keys
from scapy_server.transport import keys


def test_files_are_private(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    made = keys.make(directory, ["client"])
    assert sorted(path.name for path in directory.iterdir()) == [
        "client.key",
        "client.key_secret",
        "server.key",
        "server.key_secret",
    ]
    assert all(path.exists() for path in made)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for path in directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_both_sides_read_what_was_made(tmp_path: Path) -> None:
    keys.make(tmp_path, ["client"])
    server, client = keys.load(tmp_path), client_keys.load(tmp_path)
    assert z85.decode(client.server) == server.public
    assert len(server.clients) == 1
    assert z85.decode(client.public) in server.clients
    own = {server.public, server.secret}
    assert len(own | {z85.decode(client.public), z85.decode(client.secret)}) == 4


def test_clients_are_added_and_nothing_is_overwritten(tmp_path: Path) -> None:
    keys.make(tmp_path, ["client"])
    before = keys.load(tmp_path)
    keys.make(tmp_path, ["second", "third"])
    after = keys.load(tmp_path)
    assert (after.public, after.secret) == (before.public, before.secret)
    assert set(before.clients) < set(after.clients)
    assert len(after.clients) == 3
    with pytest.raises(keys.KeyFileError, match="exists already"):
        keys.make(tmp_path, ["second"])


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65, "a.b", "server/x"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(keys.KeyFileError, match="is no name"):
        keys.make(tmp_path, [name])


def test_the_server_refuses_keys_that_others_can_read(tmp_path: Path) -> None:
    keys.make(tmp_path, ["client"])
    for mode in (0o640, 0o604, 0o660):
        (tmp_path / "server.key_secret").chmod(mode)
        with pytest.raises(keys.KeyFileError, match=rf"\(mode {mode:04o}\); run: chmod 600"):
            keys.load(tmp_path)
    (tmp_path / "client.key_secret").chmod(0o644)
    with pytest.raises(ValueError, match="can be used by others"):
        client_keys.load(tmp_path)


def test_keys_that_are_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(keys.KeyFileError, match="cannot read the keys in"):
        keys.load(tmp_path / "missing")
    with pytest.raises(ValueError, match="there must be one client's"):
        client_keys.load(tmp_path)
    keys.make(tmp_path, [])
    with pytest.raises(keys.KeyFileError, match="there is no client's key"):
        keys.load(tmp_path)
    (tmp_path / "broken.key").write_text("nothing")
    with pytest.raises(keys.KeyFileError, match="is not a key file"):
        keys.load(tmp_path)
    (tmp_path / "server.key_secret").write_bytes((tmp_path / "server.key").read_bytes())
    with pytest.raises(keys.KeyFileError, match="holds no secret key"):
        keys.load(tmp_path)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(keys.KeyFileError, match="cannot make keys"):
        keys.make(tmp_path / "file", ["client"])


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_directory_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    keys.make(tmp_path, ["client"])
    tmp_path.chmod(mode)
    with pytest.raises(keys.KeyFileError, match=rf"\(mode {mode:04o}\); run: chmod go-w"):
        keys.load(tmp_path)
    tmp_path.chmod(0o755)
    keys.load(tmp_path)
