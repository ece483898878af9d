"""Who may connect, tried from the outside."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from scapy_server import Client, ClientError
from scapy_server.server.service import Settings, StartError, serve
from scapy_server.transport import keys
from scapy_server.transport.access import Rules, parse_networks
from tests.running import PATIENCE, server_in_thread
from tests.server import small
from tests.server.processes import small_server, until
from tests.server.test_service import PING, PONG, connected

#: How clients of ZMTP 2.0 and 1.0 begin, with their first request behind it.
OLD_GREETINGS = {
    "2.0": (
        b"\xff" + bytes(7) + b"\x01\x7f" + b"\x01\x03",
        b"\0\0" + b"\x01\0" + bytes([0, len(PING)]) + PING,
    ),
    "1.0": (b"\x01\0", b"\x01\x01" + bytes([len(PING) + 1, 0]) + PING),
}


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        (["10.0.0.0/8"], "10.255.0.1", True),
        (["10.0.0.0/8"], "11.0.0.1", False),
        (["10.1.2.3/8"], "10.9.9.9", True),
        (["10.1.2.3"], "10.1.2.3", True),
        (["10.1.2.3"], "10.1.2.4", False),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", True),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["::1"], "::2", False),
        (["10.0.0.0/8", "::1"], "::1", True),
        (["0.0.0.0/0"], "::1", False),
        (["10.0.0.0/8"], "nonsense", False),
        ([], "anything", True),
    ],
)
def test_networks(networks: list[str], address: str, allowed: bool) -> None:
    rules = Rules(parse_networks(networks))
    assert rules.allow(address) is allowed


@pytest.mark.parametrize("network", ["", "10.0.0.0/33", "host", "1.2.3", "::/129"])
def test_a_network_that_is_none(network: str) -> None:
    with pytest.raises(StartError, match="cannot allow that address: "):
        serve(Settings(port=0, host="127.0.0.1", allow=(network,)), small.LOAD)


def refused_by(port: int, kind: str, directory: Path | None = None) -> None:
    """An allowed client sees in the status that somebody was refused."""
    with Client(f"127.0.0.1:{port}", PATIENCE, directory) as client:
        until(lambda: client.server_status().refused_connections.get(kind))


def test_an_allowed_address() -> None:
    with (
        server_in_thread(small.LOAD, allow=("127.0.0.0/8",)) as (port, _),
        Client(f"127.0.0.1:{port}", PATIENCE) as client,
    ):
        client.ping()
        assert client.server_status().refused_connections == {}


def test_a_refused_address() -> None:
    with server_in_thread(small.LOAD, host="*", allow=("127.0.0.1",)) as (port, _):
        with zmq.Context() as context, context.socket(zmq.REQ) as stranger:
            stranger.setsockopt(zmq.LINGER, 0)
            stranger.connect(f"tcp://127.0.0.2:0;127.0.0.1:{port}")  # from another address
            stranger.send(PING)
            assert stranger.poll(300) == 0
        refused_by(port, "address")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys") / "service"
    keys.make(made, ["client", "second"])
    return made


@pytest.fixture(scope="module")
def curve_port(directory: Path) -> Iterator[int]:
    # Ended by the test process itself: what `server_in_thread` ends it with has no keys.
    with server_in_thread(small.LOAD, curve_keys=directory) as (port, lines):
        yield port
        with Client(f"127.0.0.1:{port}", PATIENCE, directory) as client:
            client.shut_down()
        lines.wait_for("Server: Shut down by remote user")


def test_a_client_with_a_key(curve_port: int, directory: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("server.key", "second.key_secret"):
        (own / name).write_bytes((directory / name).read_bytes())
        (own / name).chmod(0o600)
    for place in (directory, own):
        with Client(f"127.0.0.1:{curve_port}", PATIENCE, place) as client:
            client.ping()


def test_a_plain_client_gets_nothing(curve_port: int, directory: Path) -> None:
    with connected(zmq.REQ, curve_port) as client:
        client.send(PING)
        assert client.poll(300) == 0
    refused_by(curve_port, "handshake", directory)


def test_a_wrong_key_gets_nothing(curve_port: int, directory: Path, tmp_path: Path) -> None:
    keys.make(tmp_path, ["client"])
    (tmp_path / "server.key").write_bytes((directory / "server.key").read_bytes())
    with (
        Client(f"127.0.0.1:{curve_port}", 0.3, tmp_path) as client,
        pytest.raises(ClientError, match="no reply"),
    ):
        client.ping()
    refused_by(curve_port, "key", directory)


def test_a_wrong_server_key_gets_nothing(curve_port: int, directory: Path, tmp_path: Path) -> None:
    keys.make(tmp_path, ["other"])
    for name in ("client.key", "client.key_secret"):
        (tmp_path / name).write_bytes((directory / name).read_bytes())
        (tmp_path / name).chmod(0o600)
    with (
        Client(f"127.0.0.1:{curve_port}", 0.3, tmp_path) as client,
        pytest.raises(ClientError, match="no reply"),
    ):
        client.ping()


@pytest.mark.parametrize(("signature", "rest"), OLD_GREETINGS.values(), ids=OLD_GREETINGS)
def test_old_clients_are_served_and_refused_by_their_address(signature: bytes, rest: bytes) -> None:
    with server_in_thread(small.LOAD, host="*", allow=("127.0.0.1",)) as (port, _):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as old:
            old.sendall(signature + rest)
            received = b""
            while PONG not in received:
                received += old.recv(4096)
        with socket.create_connection(
            ("127.0.0.1", port), PATIENCE, source_address=("127.0.0.2", 0)
        ) as stranger:
            assert stranger.recv(4096) == b""
        refused_by(port, "address")


def test_shut_down_can_be_refused() -> None:
    said = "shut_down is not allowed here: the server was started with --no-remote-shutdown"
    with small_server(remote_shutdown=False) as server:
        for more in ((), ("x" * 10_000,)):
            with pytest.raises(ClientError, match=said) as caught:
                server.client.call("shut_down", *more)
            assert caught.value.code == -32098
        server.client.ping()
        server.server.process.send_signal(signal.SIGTERM)
        assert server.server.finish() == (0, "Server: Stopping\n", "")
