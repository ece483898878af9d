"""A console for every test that asks for one, and a capture to open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scapy_server.captures.writing import pcap_writer, plain_record, write_records
from scapy_server.console.wire import Wire
from tests.console.pipe import Pipe

#: The frames of `three.pcap`, which lies in the directory that the console works in.
THREE = [bytes(12) + b"\x90\x00" + bytes([number]) for number in range(3)]


@pytest.fixture
def pipe(server_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    records = [plain_record(index, frame, 1) for index, frame in enumerate(THREE)]
    (tmp_path / "three.pcap").write_bytes(write_records(records, pcap_writer(records)))
    monkeypatch.chdir(tmp_path)
    wire = Wire(f"127.0.0.1:{server_port}", 60)
    yield Pipe(wire)
    wire.close()
