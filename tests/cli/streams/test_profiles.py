from __future__ import annotations

import json
from pathlib import Path

import pytest

from scapy_server.cli.streams.choices import ProfileWish
from scapy_server.cli.streams.profiles import line_speed, profile_of, started
from scapy_server.errors import RefusedError
from scapy_server.streams.documents.entries import Entry
from scapy_server.streams.sources.given import Selection
from tests.streams.documents.test_python_profile import with_library
from tests.streams.support import burst, raw_stream

BY_PORT = """
from trex.stl.api import *

class ByPort(object):
    def get_streams(self, direction=0, port_id=0, size=64, **kwargs):
        base = Ether() / IP(src="16.0.0.%d" % (1 + direction)) / UDP()
        base = base / ("x" * (size - len(base)))
        stats = STLFlowLatencyStats(pg_id=10 + port_id)
        return [STLStream(packet=STLPktBuilder(pkt=base), mode=STLTXCont(pps=5), flow_stats=stats)]

def register():
    return ByPort()
"""


def test_line_speeds() -> None:
    assert line_speed("10G") == 1e10
    assert line_speed("1e9") == 1e9
    assert line_speed("25gbps") == 25e9
    assert line_speed("10000000000") == 1e10
    with pytest.raises(RefusedError, match="--speed must be bits a second"):
        line_speed("fast")


def test_what_is_a_profile(tmp_path: Path) -> None:
    def found(content: object, wish: ProfileWish | None = None, alone: bool = False) -> int | None:
        path = tmp_path / "a.json"
        path.write_text(json.dumps(content))
        document = profile_of(str(path), wish or ProfileWish(), Selection(), alone)
        return None if document is None else len(document.entries)

    one, two = [raw_stream()], [raw_stream(), raw_stream()]
    assert found(one) is None
    assert found(one, ProfileWish(duration=1.0)) == 1
    assert found(two) == 2
    assert found(two, alone=True) is None
    assert found({"streams": two}) == 2
    assert found([{"id": "Ether"}]) is None
    assert found({"source": 1}) is None
    assert profile_of("nowhere.json", ProfileWish(), Selection(), False) is None


def test_cores_and_ports(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([raw_stream(mode=burst(4)), raw_stream(core_id=1)]))
    wish = ProfileWish(ports=(0, 1), duration=0.01)
    document = profile_of(str(path), wish, Selection(), False)
    assert document is not None
    traffic = started(document, wish, Selection(cores=2))
    assert [s.profile.port for s in traffic.started] == [0, 1]
    assert {flow.share.core for flow in traffic.schedule.flows} == {0, 1}
    with pytest.raises(RefusedError, match="core_id"):
        started(document, wish, Selection(cores=1))
    with pytest.raises(RefusedError, match="at most 64 cores"):
        started(document, wish, Selection(cores=65))


def test_streams_of_several_ports_are_started_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    adding = [Entry(1, raw_stream(), port, name).request for port, name in ((0, "a"), (1, "b"))]
    path.write_text(json.dumps(adding))
    wish = ProfileWish(duration=0.05)
    document = profile_of(str(path), wish, Selection(), False)
    assert document is not None
    traffic = started(document, wish, Selection())
    assert [(s.profile.port, s.profile.name) for s in traffic.started] == [(0, "a"), (1, "b")]


def test_options_of_single_streams_are_refused_for_whole_profiles(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps([raw_stream()]))
    with pytest.raises(RefusedError, match="are for single streams"):
        profile_of(str(path), ProfileWish(), Selection(), True)
    with pytest.raises(RefusedError, match="are for single streams"):
        profile_of(str(path), ProfileWish(), Selection(stream="udp"), False)


@pytest.mark.processes
@with_library
def test_a_python_profile_is_loaded_for_each_port(tmp_path: Path) -> None:
    path = tmp_path / "profile.py"
    path.write_text(BY_PORT)
    wish = ProfileWish(ports=(0, 3), tunables="size=80")
    document = profile_of(str(path), wish, Selection(), False)
    assert document is not None
    assert [entry.port for entry in document.entries] == [0, 3]
    streams = [entry.stream() for entry in document.entries]
    assert [stream.flow_stats and stream.flow_stats.pg_id for stream in streams] == [10, 13]
    assert [stream.frame[29] for stream in streams] == [1, 2]
    assert {len(stream.frame) for stream in streams} == {80}
