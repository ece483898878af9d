"""Which keys a client takes from a directory, as the server's side makes them."""

from __future__ import annotations

from pathlib import Path

import pytest
import zmq.auth

from scapy_server.client.keys import load


def make(directory: Path, *names: str) -> None:
    for name in names:
        zmq.auth.create_certificates(directory, name)
        (directory / f"{name}.key_secret").chmod(0o600)


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (("server", "client"), "client"),
        (("server", "anna"), "anna"),
        (("server", "anna", "client"), "client"),
    ],
)
def test_the_key_that_is_taken(tmp_path: Path, names: tuple[str, ...], taken: str) -> None:
    make(tmp_path, *names)
    keys = load(tmp_path)
    assert (keys.public, keys.secret) == zmq.auth.load_certificate(tmp_path / f"{taken}.key_secret")
    assert keys.server == zmq.auth.load_certificate(tmp_path / "server.key")[0]


@pytest.mark.parametrize("names", [("server",), ("server", "anna", "bert"), ()])
def test_no_single_client(tmp_path: Path, names: tuple[str, ...]) -> None:
    make(tmp_path, *names)
    with pytest.raises(ValueError, match="there must be one client's"):
        load(tmp_path)


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    make(tmp_path, "server", "client")
    (tmp_path / "client.key_secret").chmod(0o644)
    with pytest.raises(ValueError, match=r"can be used by others \(mode 0644\); run: chmod 600"):
        load(tmp_path)


def test_no_key_of_the_server(tmp_path: Path) -> None:
    make(tmp_path, "client")
    with pytest.raises(ValueError, match="cannot read the keys"):
        load(tmp_path)


def test_a_secret_key_without_its_secret(tmp_path: Path) -> None:
    make(tmp_path, "server", "client")
    path = tmp_path / "client.key_secret"
    path.write_text((tmp_path / "client.key").read_text())
    with pytest.raises(ValueError, match="holds no secret key"):
        load(tmp_path)
