"""Where capture ports may connect to."""

from __future__ import annotations

import pytest

from scapy_server.server.ports.places import Places, read_places
from scapy_server.services.ports.plane.line import LineError

PLACES = read_places(["ipc:///tmp/frames/", "tcp://127.0.0.1", "tcp://[2001:DB8::0:1]"])


@pytest.mark.parametrize(
    "endpoint",
    [
        "ipc:///tmp/frames/one",
        "ipc:///tmp/frames/deep/er",
        "tcp://127.0.0.1:1",
        "tcp://127.0.0.1:65535",
        "tcp://[2001:db8::1]:5",
        "ipc:///tmp/frames/" + "x" * 95,
    ],
)
def test_what_is_in_a_place(endpoint: str) -> None:
    assert PLACES.allows(endpoint)
    assert not Places().allows(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "ipc:///tmp/frames",
        "ipc:///tmp/framesx/one",
        "ipc:///tmp/frames/../other",
        "ipc:///tmp/frames//one",
        "ipc:///tmp/frames/./one",
        "ipc:///tmp/frames/a\0b",
        "ipc://tmp/frames/one",
        "ipc://@frames",
        "ipc:///tmp/frames/" + "x" * 96,
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:*",
        "tcp://127.0.0.1",
        "tcp://127.0.0.2:1",
        "tcp://127.0.0.1:5;192.0.2.1:5",
        "tcp://192.0.2.1:5;127.0.0.1:5",
        "tcp://localhost:5",
        "tcp://127.1:5",
        "inproc://one",
        "pgm://127.0.0.1;239.1.1.1:5",
        "",
    ],
)
def test_what_is_in_none(endpoint: str) -> None:
    assert not PLACES.allows(endpoint)


@pytest.mark.parametrize("word", ["", "/tmp/frames", "tcp://localhost", "tcp://127.0.0.1:5", "x"])
def test_what_is_no_place(word: str) -> None:
    with pytest.raises(LineError, match="is no place for capture ports"):
        read_places([word])
