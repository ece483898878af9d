"""What the engine's own simulator sent: recorded cases, and how ours are compared with them.

`data/recordings.jsonl.xz` holds the cases that were made up for the recording, one a line;
`recorded_profiles` are public profiles, read from beside the repository where they are
there. A case has `cores`, `limit`, `groups` (port, profile, start command, streams in the
order of adding), maybe `speed` and `after` (commands at time 0), and either `refused` (the
engine's message) or `packets` (distinct packets: group, stream id, length, then offsets and
hex of what differs from the padded stream packet) and `sent` (by core: times `t`, places in
`packets`, `ended` by group; entries `skipped[0]` to `skipped[1]` were left out).
"""

from __future__ import annotations

import base64
import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

from scapy_server.streams.marks import PortAddresses
from scapy_server.streams.requests import run_requests
from scapy_server.streams.traffic import SIMULATOR_MARKS, Setting, Traffic

HERE = Path(__file__).parent
BESIDE = HERE.parents[2] / "shared" / "traffic" / "stream_outputs.json"

Case = dict[str, Any]
#: (time, group, stream id, bytes)
Sent = tuple[float, int, int, bytes]


@cache
def generated() -> dict[str, Case]:
    lines = lzma.decompress((HERE / "data" / "recordings.jsonl.xz").read_bytes()).splitlines()
    return {case["name"]: case for case in map(json.loads, lines)}


@cache
def recorded_profiles() -> dict[str, Case]:
    if not BESIDE.exists():
        return {}
    cases = json.loads(BESIDE.read_bytes())["cases"]
    return {case["name"]: case for case in cases if case["source"] != "generated"}


def requests_of(case: Case) -> list[dict[str, Any]]:
    """The RPC's requests of a case."""
    requests = []
    for group in case["groups"]:
        where = {"port_id": group["port_id"], "profile_id": group.get("profile_id")}
        for stream in group["streams"]:
            requests.append({"method": "add_stream", "params": where | stream})
    for group in case["groups"]:
        where = {"port_id": group["port_id"], "profile_id": group.get("profile_id")}
        requests.append({"method": "start_traffic", "params": where | group["start"]})
    for command in case.get("after", ()):
        where = {"port_id": case["groups"][0]["port_id"]}
        requests.append({"method": command["method"], "params": where | command["params"]})
    return requests


def setting_of(case: Case) -> Setting:
    addresses = {
        port: PortAddresses(bytes([0x10 + 0x10 * port] * 6), bytes([0x18 + 0x10 * port] * 6))
        for port in (0, 1)
    }
    line = float(case.get("speed") or 1e10)
    return Setting(case["cores"], line, SIMULATOR_MARKS, addresses, "raw")


def traffic_of(case: Case) -> Traffic:
    """The case, started; raises RefusedError."""
    traffic = Traffic(setting_of(case))
    run_requests(traffic, requests_of(case))
    if case.get("limit"):
        traffic.schedule.limit(case["limit"])
    return traffic


def expected(case: Case) -> dict[int, tuple[list[Sent], list[float | None]]]:
    """By core: the packets, and when each group ended."""
    templates = {
        (index, stream["stream_id"]): stream["stream"]["packet"]["binary"]
        for index, group in enumerate(case["groups"])
        for stream in group["streams"]
    }
    packets = []
    for group, stream_id, length, *changes in case["packets"]:
        frame = bytearray(base64.b64decode(templates[group, stream_id]).ljust(60, b"\0")[:length])
        for offset, text in zip(changes[::2], changes[1::2], strict=True):
            data = bytes.fromhex(text)
            frame[offset : offset + len(data)] = data
        packets.append((group, stream_id, bytes(frame)))
    return {
        int(core): (
            [(time, *packets[at]) for time, at in zip(sent["t"], sent["packet"], strict=True)],
            sent["ended"],
        )
        for core, sent in case["sent"].items()
    }


def sent_by(traffic: Traffic, cores: int) -> dict[int, tuple[list[Sent], list[float | None]]]:
    """What a started traffic sends, by core."""
    schedule = traffic.schedule
    found: dict[int, list[Sent]] = {core: [] for core in range(cores)}
    renderers: dict[int, Any] = {}
    for block in schedule.blocks():
        frames: dict[int, bytes] = {}
        for number, places in block.by_flow():
            if number not in renderers:
                renderers[number] = traffic.packets(schedule.flows[number])
            first = int(block.indexes[places[0]])
            assert block.indexes[places].tolist() == list(range(first, first + len(places)))
            rows, lengths = renderers[number].block(first, len(places))
            for place, row, length in zip(places.tolist(), rows, lengths, strict=True):
                frames[place] = row[:length].tobytes()
        for place, (time, number) in enumerate(
            zip(block.times.tolist(), block.flows.tolist(), strict=True)
        ):
            flow = schedule.flows[number]
            sent = time, flow.group, flow.share.stream.stream_id, frames[place]
            found[flow.share.core].append(sent)
    ends = [schedule.ended(group) for group in range(len(traffic.started))]
    return {core: (sent, [end.get(core) for end in ends]) for core, sent in found.items()}


def without_skipped(
    case: Case, sent: dict[int, tuple[list[Sent], list[float | None]]]
) -> dict[int, tuple[list[Sent], list[float | None]]]:
    """What was sent, without what the recording leaves out."""
    result = {}
    for core, recorded in case["sent"].items():
        packets, ended = sent[int(core)]
        first, last = recorded.get("skipped") or (0, 0)
        result[int(core)] = packets[:first] + packets[last:], ended
    return result
