from __future__ import annotations

from tests.console.pipe import Pipe


def test_of_a_built_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/IP()/TCP()")
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP:1.chksum 1")
    assert pipe.value("IP", "chksum") == 1
    pipe.run("unset IP:1.chksum")
    assert pipe.value("IP", "chksum") == checksum
    assert "nope" in pipe.fail("unset IP.nope")
    assert "unset what" in pipe.fail("unset")


def test_of_a_dissected_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP(chksum=1)/UDP()")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "unset IP.chksum")
    assert pipe.value("IP", "chksum") == 0x3ACF
