"""What captures are written to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from scapy_server import limits
from scapy_server.server.ports.exports import CaptureExports
from scapy_server.server.ports.places import read_places
from scapy_server.services.ports.link import NoEndpoint
from scapy_server.transport.pairs import Pairs
from tests.running import PATIENCE


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "captures").mkdir()
    return tmp_path / "captures"


@pytest.fixture
def exports(place: Path) -> Iterator[CaptureExports]:
    pairs = Pairs(9000, lambda port, frames: None)
    yield CaptureExports(read_places([f"file://{place}", f"ipc://{place}"]), pairs)
    pairs.close()


def test_a_program_hears_all_of_a_capture_also_at_its_end(
    exports: CaptureExports, place: Path
) -> None:
    with zmq.Context() as context, context.socket(zmq.PAIR) as program:
        program.bind(f"ipc://{place}/program")
        program.rcvtimeo = int(1000 * PATIENCE)
        assert exports.open(1, f"ipc://{place}/program", "x") == f"ipc://{place}/program"
        for number in range(500):
            assert exports.write(1, b"%d" % number)
        exports.close(1)
        assert [program.recv() for _ in range(500)] == [b"%d" % number for number in range(500)]
        assert not exports.write(1, b"late")


@pytest.mark.parametrize("name", ["{place}/one.pcap", "/{place}/one.pcap", "one.pcap"])
def test_a_file_by_its_whole_path_or_in_the_directory(
    exports: CaptureExports, place: Path, name: str
) -> None:
    (place / "one.pcap").write_bytes(b"what was there before")
    word = name.format(place=str(place).lstrip("/"))
    assert exports.open(1, f"file:///{word}", "x") == f"file:///{place}/one.pcap"
    assert exports.write(1, b"header")
    assert exports.write(1, b"packet")
    exports.close(1)
    assert (place / "one.pcap").read_bytes() == b"headerpacket"


def test_in_a_directory_it_has_a_name_of_its_own(exports: CaptureExports, place: Path) -> None:
    assert exports.open(1, f"file:///{place}", "capture-1.pcap") == (
        f"file:///{place}/capture-1.pcap"
    )
    exports.close(1)


@pytest.mark.parametrize(
    "endpoint",
    [
        "file:///{place}/../secret",
        "file:///../secret",
        "file:///etc/passwd",
        "file:///{place}/link/secret",
        "file:///{place}/pointing",
        "file:///{place}/pipe",
        "file:///{place}/none/x",
        "file:///a\0b",
        "ipc:///elsewhere/x",
        "tcp://127.0.0.1:5",
        "x",
    ],
)
def test_what_is_in_no_place(exports: CaptureExports, place: Path, endpoint: str) -> None:
    secret = place.parent / "secret"
    secret.write_bytes(b"secret")
    (place / "link").symlink_to(place.parent)
    (place / "pointing").symlink_to(secret)
    os.mkfifo(place / "pipe")
    with pytest.raises(NoEndpoint):
        exports.open(1, endpoint.format(place=place), "x")
    assert secret.read_bytes() == b"secret"


def test_a_file_grows_to_a_bound(
    exports: CaptureExports, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scapy_server.limits.EXPORTED_BYTES", limits.Limit(10, "bytes", "a file"))
    exports.open(1, "file:///one.pcap", "x")
    for data in (b"12345", b"67890", b"1"):
        assert exports.write(1, data)
    exports.close(1)
    assert (place / "one.pcap").read_bytes() == b"1234567890"
