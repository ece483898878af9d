"""Captures of rendered packets, read back strictly and by tshark."""

from __future__ import annotations

import struct
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.pace import Pace
from scapy_server.captures.reading import read_capture
from scapy_server.engine.captures import (
    Layout,
    Pcap,
    Pcapng,
    Raw,
    RecordBlock,
    block_size,
)
from scapy_server.engine.renderer import Renderer
from scapy_server.errors import RefusedError
from tests.engine import oracle
from tests.engine.programs import FIXES, TEMPLATES, streams
from tests.tshark import columns

LAYOUTS: list[Layout] = [Pcap(), Pcap(nano=True), Pcapng(), Pcapng(nano=True)]
SLOW = Pace.of_rate("3")
TRIMMED: dict[str, Any] = {
    "instructions": [
        {"type": "flow_var", "name": "n", "size": 2, "op": "inc", "step": 1}
        | {"init_value": 60, "min_value": 60, "max_value": 66},
        {"type": "trim_pkt_size", "name": "n"},
    ]
}


def capture(renderer: Renderer, layout: Layout, count: int, start: int = 0, size: int = 7) -> bytes:
    """A capture written in blocks of `size` packets."""
    block = RecordBlock(renderer, layout, SLOW, size)
    parts = [layout.prefix]
    for done in range(0, count, size):
        parts.append(bytes(block.render(start + done, min(size, count - done))))
    return b"".join(parts)


@given(streams(), st.sampled_from(LAYOUTS), st.integers(1, 30))
def test_captures_hold_the_packets(stream: dict[str, Any], layout: Layout, count: int) -> None:
    frames = read_capture(capture(Renderer(**stream), layout, count))
    assert [frame.data for frame in frames] == list(islice(oracle.packets(**stream), count))


@pytest.mark.parametrize("low", [1, 17, 60])
def test_raw_is_the_packets_alone(low: int) -> None:
    vm = {"instructions": [TRIMMED["instructions"][0] | {"init_value": low, "min_value": low}]}
    vm["instructions"].append(TRIMMED["instructions"][1])
    template = TEMPLATES["tcp"]
    written = capture(Renderer(template, vm), Raw(len(template)), 30)
    assert written == b"".join(islice(oracle.packets(template, vm), 30))


def stamps(data: bytes, count: int, record: int) -> list[tuple[int, int]]:
    return [struct.unpack_from("<II", data, 24 + index * record) for index in range(count)]


@pytest.mark.parametrize(("nano", "fraction"), [(False, 10**6), (True, 10**9)])
def test_stamps_of_pcap(nano: bool, fraction: int) -> None:
    renderer = Renderer(TEMPLATES["udp"], None)
    data = capture(renderer, Pcap(nano), 30, start=1_000_001)
    ticks = [(1_000_001 + index) * fraction // 3 for index in range(30)]
    assert stamps(data, 30, 16 + renderer.length) == [divmod(t, fraction) for t in ticks]


def test_pcap_ends_with_its_seconds() -> None:
    block = RecordBlock(Renderer(TEMPLATES["udp"], None), Pcap(), SLOW, 7)
    last = 3 * (1 << 32) - 1
    block.render(last - 6, 7)
    with pytest.raises(RefusedError, match="raise the rate or write pcapng"):
        block.render(last - 5, 7)


@pytest.mark.parametrize("layout", [*LAYOUTS, Raw(67)], ids=repr)
def test_whole_records(layout: Layout) -> None:
    renderer = Renderer(TEMPLATES["tcp"], TRIMMED if not isinstance(layout, Raw) else None)
    data = capture(renderer, layout, 20)[len(layout.prefix) :]
    assert layout.whole(memoryview(data)) == (20, len(data))
    packets, size = layout.whole(memoryview(data)[:-1])
    assert packets == 19
    assert layout.whole(memoryview(data)[:size]) == (19, size)
    assert layout.whole(memoryview(data)[:5]) == (0, 0)


@pytest.mark.parametrize("length", [60, 1500, 9238])
def test_blocks_are_bounded(length: int) -> None:
    assert block_size(Renderer(bytes(length), None), Pcap()) * length <= 1024 * 1024


@pytest.mark.processes
@pytest.mark.parametrize("kind", sorted(FIXES))
@pytest.mark.parametrize("layout", [Pcap(), Pcapng(nano=True)], ids=repr)
def test_tshark_finds_every_checksum_good(kind: str, layout: Layout, tmp_path: Path) -> None:
    offset = {"udp": 26, "tcp": 26, "tcp6": 30, "icmpv6": 30}[kind]
    port = {"udp": 34, "tcp": 34, "tcp6": 54, "icmpv6": 70}[kind]
    vm = {
        "instructions": [
            {"type": "flow_var", "name": "a", "size": 4, "op": "inc", "step": 3}
            | {"init_value": 5, "min_value": 0, "max_value": (1 << 32) - 1},
            {"type": "flow_var", "name": "p", "size": 2, "op": "random", "step": 1}
            | {"init_value": 1, "min_value": 1, "max_value": 65535},
            *(
                {"type": "write_flow_var", "name": name, "pkt_offset": place}
                | {"add_value": 0, "is_big_endian": True}
                for name, place in (("a", offset), ("p", port))
            ),
            FIXES[kind][-1],
        ]
    }
    path = tmp_path / "rendered.pcap"
    path.write_bytes(capture(Renderer(TEMPLATES[kind], vm, random_seed=3), layout, 300, size=128))
    names = {"udp": "ip udp", "tcp": "ip tcp", "tcp6": "tcp", "icmpv6": "icmpv6"}[kind].split()
    statuses = columns(path, [f"{name}.checksum.status" for name in names])
    assert statuses == [["1"] * len(names)] * 300
