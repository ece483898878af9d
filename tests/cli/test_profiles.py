from __future__ import annotations

import json
from pathlib import Path

import pytest

from scapy_server.cli.choices import ProfileWish
from scapy_server.cli.profiles import line_speed, profile_of, started
from scapy_server.errors import RefusedError
from scapy_server.streams.sources.given import Selection
from tests.streams.support import burst, raw_stream


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
