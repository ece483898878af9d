"""Captures that are written while they go on."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.captures.reading import capture_of
from scapy_server.services.ports.link import NoEndpoint
from scapy_server.services.ports.methods.exporting import export_all
from tests.services.ports.rig import Refused, Rig, burst, frame, stream


class Places:
    """Takes messages, as many as it has room for."""

    def __init__(self) -> None:
        self.written: dict[int, list[bytes]] = {}
        self.room = 100_000
        self.closed: list[int] = []

    def open(self, capture: int, endpoint: str, name: str) -> str:
        if endpoint != "ipc:///here":
            raise NoEndpoint("that is elsewhere")
        self.written[capture] = []
        return f"{endpoint}/{name}"

    def write(self, capture: int, data: bytes) -> bool:
        if not self.room:
            return False
        self.room -= 1
        self.written[capture].append(data)
        return True

    def close(self, capture: int) -> None:
        self.closed.append(capture)


@pytest.fixture
def places() -> Places:
    return Places()


@pytest.fixture
def rig(places: Places) -> Rig:
    rig = Rig()
    rig.control.exports = places
    rig.acquire()
    rig.add(1, stream(burst(10)))
    return rig


def start(rig: Rig, endpoint: str = "ipc:///here", **params: Any) -> int:
    asked = {"limit": 100, "mode": "fixed", "tx": [0], "rx": [], **params}
    return int(rig.call("capture", command="start", endpoint=endpoint, **asked)["capture_id"])


def call(rig: Rig, command: str, capture: int, **params: Any) -> Any:
    return rig.call("capture", command=command, capture_id=capture, **params)


def frames(places: Places, capture: int) -> list[bytes]:
    records = capture_of(b"".join(places.written[capture])).records()
    return [record.data for record in records]


@pytest.mark.parametrize("kind", ["", "?pcap", "?pcapng"])
def test_a_capture_is_written_while_it_goes_on(rig: Rig, places: Places, kind: str) -> None:
    capture = start(rig, "ipc:///here" + kind, snaplen=20)
    rig.start()
    rig.run_to(0.0045)
    assert export_all(rig.control)
    assert frames(places, capture) == [frame()[:20]] * 5
    assert len(places.written[capture]) == 6  # the header, and each packet
    rig.run_to(1.0)
    place = f"ipc:///here/capture-{capture}." + (kind[1:] or "pcapng")
    assert call(rig, "stop", capture) == {"pkt_count": 0, "endpoint": place}
    records = list(capture_of(b"".join(places.written[capture])).records())
    assert [record.time_ns for record in records] == [k * 1_000_000 for k in range(10)]
    assert {record.original_length for record in records} == {60}
    (status,) = rig.call("capture", command="status")
    assert (status["endpoint"], status["format"]) == (place, kind[1:] or "pcapng")
    assert (status["matched"], status["count"], status["snaplen"]) == (10, 0, 20)
    call(rig, "remove", capture)
    assert places.closed == [capture]
    assert not export_all(rig.control)


def test_what_is_not_taken_yet_is_pending(rig: Rig, places: Places) -> None:
    capture = start(rig)
    places.room = 4
    rig.start()
    rig.run_to(1.0)
    assert call(rig, "stop", capture)["pkt_count"] == 7
    assert call(rig, "fetch", capture, pkt_limit=50)["pending"] == 7
    places.room = 100
    fetched = call(rig, "fetch", capture, pkt_limit=50)
    assert (fetched["pkts"], fetched["pending"]) == ([], 0)
    assert len(frames(places, capture)) == 10


def test_of_more_than_one_fetch_the_rest_is_pending(rig: Rig, places: Places) -> None:
    rig.add(2, stream(burst(2500, 1e6)))
    capture = start(rig, limit=10_000)
    rig.start()
    rig.run_to(1.0)
    left = call(rig, "stop", capture)["pkt_count"]
    assert left == 2510 - limits.FETCHED_FRAMES
    while left:
        left = call(rig, "fetch", capture, pkt_limit=50)["pending"]
    assert len(frames(places, capture)) == 2510


@pytest.mark.parametrize(("mode", "limit", "count"), [("fixed", 3, 3), ("cyclic", 0, 10)])
def test_of_a_fixed_capture_the_first_are_written(
    rig: Rig, places: Places, mode: str, limit: int, count: int
) -> None:
    capture = start(rig, mode=mode, limit=limit)
    rig.start()
    rig.run_to(0.002)
    export_all(rig.control)
    rig.run_to(1.0)
    call(rig, "stop", capture)
    assert len(frames(places, capture)) == count


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        ("ipc:///there", "invalid endpoint 'ipc:///there': that is elsewhere"),
        ("ipc:///here?erf", "the format behind '?' is pcap or pcapng"),
        ("ipc:///here?pcap?pcap", "the format behind '?' is pcap or pcapng"),
    ],
)
def test_what_is_no_endpoint(rig: Rig, endpoint: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        start(rig, endpoint)
    assert refused.value.code == -32602
    assert text in refused.value.text
    assert rig.call("capture", command="status") == []
