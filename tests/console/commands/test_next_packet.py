from __future__ import annotations

from tests.console.pipe import Pipe


def test_each_packet_keeps_its_changes(pipe: Pipe) -> None:
    assert pipe.run("open three.pcap").startswith("packet 1 of 3, 15 bytes, 1970-")
    assert pipe.run("next").startswith("packet 2 of 3")
    pipe.run("set Raw.load b'changed'")
    assert pipe.run("next").startswith("packet 3 of 3")
    assert "the packets 1 to 3, not 4" in pipe.fail("next")
    assert pipe.run("prev").startswith("packet 2 of 3, 21 bytes")


def test_there_is_a_capture_to_move_in(pipe: Pipe) -> None:
    assert "no capture is open" in pipe.fail("next")
    pipe.run("build Ether()")
    assert "no capture is open" in pipe.fail("next")
