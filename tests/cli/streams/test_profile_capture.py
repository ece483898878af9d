"""`render` and `preview` of profiles: arrays of requests, lists of streams, captures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from tests.cli.profiles import profile
from tests.cli.rendering import command, write_json
from tests.streams.recordings import Case, expected, generated, requests_of
from tests.streams.support import FRAME, burst, counted, raw_stream

RECORDED = [
    "burst_10",
    "chain_loop_2",
    "cont_pps_isg",
    "fs_ids_order",
    "fuzz_39",
    "fuzz_121",
    "fuzzg_5",
    "fuzzg_10",
    "mc2_chain_loop",
    "mc2_mask_lat",
    "mul_lat_pps",
    "paused_burst",
    "ports2_bursts_c3",
    "profiles_dead_ties",
    "after_update_twice_c3",
    "trim_rand_l2",
]


def rendered(case: Case, tmp_path: Path) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The packets and the lines of a recorded case."""
    source, out = write_json(tmp_path / "requests.json", requests_of(case)), tmp_path / "out.pcap"
    lines = tmp_path / "events"
    options = ["--cores", str(case["cores"]), "--limit", str(case["limit"])]
    if case.get("speed"):
        options += ["--speed", f"{case['speed']:.0f}"]
    result = command("render", source, *options, "-o", str(out), "--events", str(lines))
    assert (result.exit_code, result.output) == (0, "")
    frames = [record.data for record in read_capture(out.read_bytes())]
    return frames, [json.loads(line) for line in lines.read_text().splitlines()]


@pytest.mark.parametrize("name", [name for name in RECORDED if name in generated()])
def test_requests_are_rendered_as_they_were_recorded(name: str, tmp_path: Path) -> None:
    case = generated()[name]
    if any("skipped" in sent for sent in case["sent"].values()):
        pytest.skip("not all packets were recorded")
    frames, lines = rendered(case, tmp_path)
    recorded = expected(case)
    sent = [line for line in lines if "ended" not in line]
    for core, (packets, ended) in recorded.items():
        own = [
            (line["time"], line["stream_id"], frame)
            for line, frame in zip(sent, frames, strict=True)
            if line["core"] == core
        ]
        assert own == [(time, stream, frame) for time, _, stream, frame in packets]
        assert [
            line["ended"] for line in lines if "ended" in line and line["core"] == core
        ] == ended
    assert [line["length"] for line in sent] == [len(frame) for frame in frames]
    assert [line["ns"] for line in sent] == sorted(line["ns"] for line in sent)


def frames(path: Path) -> list[bytes]:
    return [record.data for record in read_capture(path.read_bytes())]


def test_a_profile_is_started_as_it_is_wished_for(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(flags=0), raw_stream(mode=burst(5), flags=0))
    out = tmp_path / "out.pcapng"
    result = command("render", source, "-m", "2", "-d", "0.1", "-o", str(out))
    assert (result.exit_code, result.output) == (0, "")
    assert len(frames(out)) == 20 + 5
    assert {frame[:12] for frame in frames(out)} == {FRAME[:12]}
    macs = ["--port-macs", "0=02:00:00:00:00:01,02:00:00:00:00:02"]
    command("render", source, "-d", "0.1", "-n", "3", *macs, "--force", "-o", str(out))
    assert [frame[:12].hex() for frame in frames(out)] == ["020000000002020000000001"] * 3


def test_a_capture_for_each_port(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(mode=burst(3)), raw_stream(mode=burst(4)))
    lines = tmp_path / "lines"
    ports = ["--port", "0", "--port", "1", "--per-port", "--events", str(lines)]
    result = command("render", source, *ports, "-o", str(tmp_path / "out.pcap"))
    assert (result.exit_code, result.output) == (0, "")
    assert [len(frames(tmp_path / f"out-{port}.pcap")) for port in (0, 1)] == [7, 7]
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [line["port"] for line in told if "ended" not in line].count(1) == 7
    assert all(line["length"] == len(FRAME) for line in told if "ended" not in line)


def test_yaml_is_read_too(tmp_path: Path) -> None:
    path, out = tmp_path / "profile.yaml", tmp_path / "out.pcap"
    path.write_text(json.dumps([raw_stream(mode=burst(3))]))
    assert command("render", str(path), "-o", str(out)).exit_code == 0
    assert frames(out) == [FRAME] * 3


def test_captures_are_played(tmp_path: Path) -> None:
    capture, out = tmp_path / "some.pcap", tmp_path / "out.pcap"
    capture.write_bytes(write_capture([FRAME, FRAME[:70], FRAME[:62]]))
    result = command("render", str(capture), "-m", "1", "-o", str(out))
    assert (result.exit_code, result.output) == (0, "")
    assert frames(out) == [FRAME, FRAME[:70], FRAME[:62]]
    assert [record.time_ns for record in read_capture(out.read_bytes())] == [0, 1000, 2000]


def test_events_end_where_the_capture_does(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(mode=burst(3)), raw_stream())
    lines = tmp_path / "lines"
    arguments = ["-n", "3", "-o", str(tmp_path / "out.pcap"), "--events", str(lines)]
    assert command("render", source, *arguments).exit_code == 0
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(told) == 4
    assert told[-1] == {"ended": None, "port": 0, "profile": "_", "core": 0}


def test_events_that_are_there_stay(tmp_path: Path) -> None:
    source, lines = profile(tmp_path, raw_stream(mode=burst(3))), tmp_path / "lines"
    lines.write_text("mine")
    out = tmp_path / "out.pcap"
    result = command("render", source, "-o", str(out), "--events", str(lines), "-m", "1")
    assert f"{lines} is there already; --force replaces it" in result.output
    assert (lines.read_text(), out.exists()) == ("mine", False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "x"], "say how many packets with -n, or how long with -d"),
        (["-d", "1"], "say where to write with -o FILE"),
        (["-n", "0", "-o", "x"], "-n must be at least 1"),
        (["-m", "10k", "-d", "1", "-o", "x"], "a multiplier is a number"),
        (["-m", "0", "-d", "1", "-o", "x"], "must be above 0"),
        (["-m", "200%", "-d", "1", "-o", "x"], "on a line of 10 Gbps"),
        (["-m", "200%", "-d", "1", "--speed", "1x", "-o", "x"], "--speed must be bits a second"),
        (["--limit", "0", "-o", "x"], "--limit must be at least 1"),
        (["-d", "1", "-j", "2", "-o", "x"], "leave out --jobs"),
        (["--port-macs", "1", "-d", "1", "-o", "x"], "--port-macs must be [PORT=]SOURCE"),
        (["-d", "1", "--per-port", "-o", "-"], "--per-port writes several files"),
        (["-d", "1", "--events", "/nowhere/x", "-o", "x"], "/nowhere/x: No such file"),
        (["-d", "1", "-o", "/dev/full"], "the disk is full, after 0 packets"),
    ],
)
def test_refusals(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = command("render", profile(tmp_path, raw_stream(), raw_stream()), *options)
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1


def test_refusals_of_the_engine_are_located(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(), raw_stream(mode=burst(5), name="b", next_stream_id=9))
    result = command("render", source, "-d", "1", "-o", "x")
    assert 'stream 2 (b): "next_stream_id": there is no stream 9' in result.output
    case = next(case for case in generated().values() if "refused" in case)
    result = command("render", write_json(tmp_path / "r.json", requests_of(case)), "-o", "x")
    assert result.exit_code == 1
    add = [r for r in requests_of(generated()["burst_10"]) if r["method"] == "add_stream"]
    stop = {"method": "stop_traffic", "params": {"port_id": 0}}
    result = command("render", write_json(tmp_path / "r.json", [*add, stop]), "-o", "x")
    assert "none of the requests starts traffic" in result.output
    both = write_json(tmp_path / "r.json", requests_of(generated()["burst_10"]))
    assert "leave out -m and -d" in command("render", both, "-m", "2", "-o", "x").output


def test_options_of_profiles_are_refused_for_a_single_stream(tmp_path: Path) -> None:
    model = write_json(tmp_path / "m.json", [{"id": "Ether"}])
    result = command("render", model, "-n", "3", "-m", "2", "-o", "x")
    assert "the source is one stream" in result.output
    assert "the source is one stream" in command("preview", model, "--timeline").output


def test_random_numbers_without_a_seed_are_warned_of(tmp_path: Path) -> None:
    drawn = {"type": "flow_var", "name": "a", "size": 1, "op": "random", "step": 1}
    drawn |= {"init_value": 0, "min_value": 0, "max_value": 255}
    write = {"type": "write_flow_var", "name": "a", "pkt_offset": 50, "add_value": 0}
    vm = {"instructions": [drawn, write | {"is_big_endian": True}]}
    source, out = profile(tmp_path, raw_stream(vm=vm), raw_stream()), tmp_path / "x.pcap"
    result = command("render", source, "-n", "9", "--cores", "2", "-o", str(out))
    assert result.output.startswith("warning: stream 1: the stream has no random_seed")
    assert len(result.output.splitlines()) == 1
    before = out.read_bytes()
    again = ("--seed", "5", "--force", "-o", str(out))
    result = command("render", source, "-n", "9", "--cores", "2", *again)
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_bytes() != before


def test_counted_streams_are_marked_as_the_engine_marks_them(tmp_path: Path) -> None:
    streams = [raw_stream(mode=burst(1), flow_stats=counted(n)) for n in (5, 6)]
    out = tmp_path / "out.pcap"
    assert command("render", profile(tmp_path, *streams), "-o", str(out)).exit_code == 0
    assert [frame[18:20].hex() for frame in frames(out)] == ["fc00", "fc01"]
