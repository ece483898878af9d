"""Python profiles, loaded by the engine's own client library."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.documents import python_process
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.documents.python_profile import (
    read_python_profile,
    read_tunables,
    write_python_profile,
)
from tests.streams.documents.test_files import some_document
from tests.streams.recordings import generated

HAS_LIBRARY = importlib.util.find_spec("lbr_trex_client") is not None
with_library = pytest.mark.skipif(
    not HAS_LIBRARY and "SCAPY_SERVER_REQUIRE_ORACLE" not in os.environ,
    reason="the engine's client library is not installed",
)

OLD_STYLE = """
from trex.stl.api import *

class Chain(object):
    def get_streams(self, direction=0, size=64, rate=10.0, **kwargs):
        base = Ether() / IP(src="16.0.0.%d" % (1 + direction), dst="48.0.0.1") / UDP()
        base = base / ("x" * (size - len(base) - 4))
        vm = STLScVmRaw([
            STLVmFlowVar("src", min_value=1, max_value=9, size=1, op="inc"),
            STLVmWrFlowVar("src", pkt_offset="IP.src"),
            STLVmFixIpv4(offset="IP"),
        ])
        return [
            STLStream(name="first", next="second", isg=10.0,
                      packet=STLPktBuilder(pkt=base, vm=vm),
                      mode=STLTXSingleBurst(pps=rate, total_pkts=5)),
            STLStream(name="second", self_start=False, packet=STLPktBuilder(pkt=base),
                      mode=STLTXMultiBurst(percentage=1, pkts_per_burst=2, ibg=5.0, count=3),
                      flow_stats=STLFlowStats(pg_id=7)),
        ]

def register():
    return Chain()
"""

NEW_STYLE = """
import argparse
from trex.stl.api import *

class Sized(object):
    def get_streams(self, direction, tunables, **kwargs):
        parser = argparse.ArgumentParser()
        parser.add_argument("--size", type=int, default=64)
        size = parser.parse_args(tunables).size
        base = Ether() / IP() / UDP()
        return [STLStream(packet=STLPktBuilder(pkt=base / ("y" * (size - len(base) - 4))))]

def register():
    return Sized()
"""


def test_tunables() -> None:
    read = read_tunables("size=64,vm=var1,x=0x10,y=1.5,z=on,q='12'")
    assert read == {"size": 64, "vm": "var1", "x": 16, "y": 1.5, "z": True, "q": "12"}
    assert read_tunables("--size 64 --name 'a b'") == ["--size", "64", "--name", "a b"]
    assert read_tunables(" ") == {}
    for text in ("size", "=3", "a=1,b", "--a 'b"):
        with pytest.raises(RefusedError):
            read_tunables(text)


@with_library
@pytest.mark.processes
def test_a_profile_is_loaded_for_a_direction(tmp_path: Path) -> None:
    path = tmp_path / "chain.py"
    path.write_text(OLD_STYLE)
    first, second = (
        entry.stream()
        for entry in read_python_profile(path, {"size": 100}, direction=1, port=1).entries
    )
    assert len(first.frame) == 96
    assert first.frame[26:30] == bytes([16, 0, 0, 2])
    assert (first.name, first.next_id, first.isg) == ("first", 2, 10.0)
    assert len(first.program.instructions) == 3
    assert second.flow_stats is not None
    assert second.mode.packets == 2


@with_library
@pytest.mark.processes
def test_tunables_may_be_arguments(tmp_path: Path) -> None:
    path = tmp_path / "sized.py"
    path.write_text(NEW_STYLE)
    (entry,) = read_python_profile(path, ["--size", "128"]).entries
    assert len(entry.stream().frame) == 124
    with pytest.raises(RefusedError, match="only told how to use it"):
        read_python_profile(path, ["--help"])


@with_library
@pytest.mark.processes
def test_what_is_written_is_loaded_to_the_last_member(tmp_path: Path) -> None:
    document, path = some_document(), tmp_path / "again.py"
    path.write_text(write_python_profile(document))
    again = read_python_profile(path)
    assert len(again.entries) == len(document.entries)
    for before, after in zip(document.entries, again.entries, strict=True):
        assert after.stream() == before.stream()
        assert {**before.raw, **after.raw} == after.raw


@with_library
@pytest.mark.processes
def test_all_recorded_streams_are_loaded_to_the_last_member(tmp_path: Path) -> None:
    entries: list[Entry] = []
    for case in generated().values():
        if "refused" in case or len(case["groups"]) > 1:
            continue
        # Numbers of their own, so that all streams fit into one profile.
        first = 1000 * len(entries)
        for item in case["groups"][0]["streams"]:
            raw = dict(item["stream"])
            if raw["next_stream_id"] >= 0:
                raw["next_stream_id"] += first
            entries.append(Entry(first + item["stream_id"], raw))
    document, path = ProfileDocument(tuple(entries)), tmp_path / "all.py"
    path.write_text(write_python_profile(document))
    again = read_python_profile(path)
    for before, after in zip(entries, again.entries, strict=True):
        assert after.stream() == before.stream()
        assert after.raw["next_stream_id"] == before.raw["next_stream_id"]


@with_library
@pytest.mark.processes
def test_what_goes_wrong_in_a_profile_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("from trex.stl.api import *\nprint('hello')\nraise ValueError('so broken')\n")
    with pytest.raises(RefusedError, match="cannot be loaded: ValueError: so broken"):
        read_python_profile(path)
    path.write_text("import os\nos._exit(3)\n")
    with pytest.raises(RefusedError, match="it ended with status 3"):
        read_python_profile(path)


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "stand_in.py"
    answer = f'{{"refused": "{python_process.MISSING}"}}'
    stand_in.write_text(f"print({answer!r})\n")
    monkeypatch.setattr(python_process, "__file__", str(stand_in))
    with pytest.raises(RefusedError, match=r"pip install 'scapy-server\[trex\]'"):
        read_python_profile(tmp_path / "a.py")
