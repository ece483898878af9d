"""The client of a ports server, against a control plane behind a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import zmq

from scapy_server.client.connection import ClientError
from scapy_server.client.ports import PortsClient
from tests.running import PATIENCE
from tests.services.ports.rig import Rig


@contextmanager
def served(answer: Callable[[bytes], bytes]) -> Iterator[PortsClient]:
    """A client of a server that answers so, until it is sent nothing."""

    def serve(server: zmq.Socket[bytes]) -> None:
        while message := server.recv():
            server.send(answer(message))

    with zmq.Context[zmq.Socket[bytes]]() as context, context.socket(zmq.REP) as server:
        port = server.bind_to_random_port("tcp://127.0.0.1")
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            with PortsClient(f"127.0.0.1:{port}", timeout=PATIENCE) as client:
                yield client
        finally:
            with context.socket(zmq.REQ) as last:
                last.connect(f"tcp://127.0.0.1:{port}")
                last.send(b"")
                thread.join()


def test_it_agrees_on_the_interface_once_and_remembers_its_handlers() -> None:
    rig, asked = Rig(), []

    def answer(message: bytes) -> bytes:
        asked.append(json.loads(message)["method"])
        return rig.control.handle(message).data

    with served(answer) as client:
        assert client.call("get_owner", port_id=1)["owner"]
        client.acquire(1, "me", 7, False)
        assert client.call("get_owner", port_id=1) == {"owner": "me"}
        assert client.on_port("release", 1) == {}
    assert asked == ["api_sync_v2", "get_owner", "acquire", "get_owner", "release"]


def test_a_refusal_has_the_code_and_what_the_server_says_of_it() -> None:
    rig = Rig()
    with served(lambda message: rig.control.handle(message).data) as client:
        with pytest.raises(ClientError, match="invalid port id") as refusal:
            client.call("get_owner", port_id=9)
        assert refusal.value.code == -32000
        with pytest.raises(ClientError, match="Method nope not registered") as refusal:
            client.call("nope")
        assert refusal.value.code == -32601
        with pytest.raises(ClientError):
            client.on_port("release", 0)


@pytest.mark.parametrize("reply", [b"", b"7", b"{}", b'{"error": {}}', b'{"error": 7}'])
def test_what_is_no_answer_is_told(reply: bytes) -> None:
    with (
        served(lambda message: reply) as client,
        pytest.raises(ClientError, match="none of a ports server") as refusal,
    ):
        client.call("ping")
    assert refusal.value.code is None
