"""Ports whose line is a file, against what the engine's own simulator sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.services.ports.kinds.pcap import open_pcap
from scapy_server.services.ports.state.attributes import Layers
from tests.services.ports.rig import Rig
from tests.streams.recordings import Case, expected, generated, recorded_profiles, requests_of

#: The addresses and the first mark of the simulator.
LAYERS = [
    Layers(bytes([0x18 + 0x10 * port] * 6), bytes([0x10 + 0x10 * port] * 6)) for port in (0, 1)
]
MARKS = 0xFF00
_STAMP_BYTES = 16

Written = list[tuple[int, bytes]]


def is_comparable(case: Case) -> bool:
    """Whether ports can be asked for the case, and complete no checksum that a card would.

    The simulator's limit on events cuts off what several cores or profiles would still send.
    """
    program = str([stream for group in case["groups"] for stream in group["streams"]])
    return not (
        "refused" in case
        or "fix_checksum_hw" in program
        or (case.get("limit") and (case["cores"] > 1 or len(case["groups"]) > 1))
        or any(sent.get("skipped") for sent in case["sent"].values())
    )


RECORDED = {**generated(), **recorded_profiles()}
CASES = {name: case for name, case in RECORDED.items() if is_comparable(case)}


def hidden(frame: bytes, is_latency: bool) -> bytes:
    """A frame without the stamp, which tells of this clock and this start."""
    return frame[:-_STAMP_BYTES] if is_latency else frame


def recorded(case: Case, port: int) -> Written:
    """What the simulator sent by a port: nanoseconds and bytes, lower cores first."""
    latency = {
        (index, each["stream_id"]): each["stream"]["flow_stats"].get("rule_type") == "latency"
        for index, group in enumerate(case["groups"])
        for each in group["streams"]
    }
    found = []
    for core, (sent, _) in sorted(expected(case).items()):
        for place, (time, group, stream, frame) in enumerate(sent):
            if case["groups"][group]["port_id"] == port:
                found.append((time, core, place, hidden(frame, latency[group, stream])))
    found.sort(key=lambda each: each[:3])
    return [
        (int(time) * 1_000_000_000 + int((time - int(time)) * 1e9), frame)
        for time, _, _, frame in found
    ]


def written(case: Case, directory: Path) -> dict[int, Written]:
    """What our ports write."""
    lines = [open_pcap(str(directory / f"{port}.pcap"), "") for port in (0, 1)]
    speed = float(case.get("speed") or 1e10) / 1e9
    rig = Rig(
        cores=case["cores"],
        shown_cores=case["cores"],
        lines=lines,
        speed=speed,
        layers=LAYERS,
        base=MARKS,
    )
    rig.acquire()
    for request in requests_of(case):
        params = {k: v for k, v in request["params"].items() if v is not None}
        rig.call(request["method"], **params)
    rig.run_to(max((sent["t"][-1] for sent in case["sent"].values() if sent["t"]), default=0.0))
    rig.link.plane.close()
    return {
        port: [
            (record.time_ns or 0, record.data)
            for record in read_capture((directory / f"{port}.pcap").read_bytes())
        ]
        for port in (0, 1)
    }


@pytest.mark.sweep
@pytest.mark.parametrize("name", CASES)
def test_ports_write_what_was_recorded(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    ours = written(case, tmp_path)
    for port in (0, 1):
        theirs = recorded(case, port)
        found = ours[port][: len(theirs)]
        if not case.get("limit"):
            assert len(ours[port]) == len(theirs)
        assert [time for time, _ in found] == [time for time, _ in theirs]
        for (_, frame), (_, wanted) in zip(found, theirs, strict=True):
            assert frame[: len(wanted)] == wanted
