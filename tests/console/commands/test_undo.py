from __future__ import annotations

from tests.console.pipe import Pipe


def test_what_a_step_back_changes_is_printed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "set IP.ttl 9")
    lines = pipe.run("undo").splitlines()
    assert "IP.ttl" in lines[1]
    assert lines[1].endswith("9 -> 64")
    assert not any("IP.src" in line for line in lines)


def test_the_packet_before_is_shown_whole(pipe: Pipe) -> None:
    first = pipe.run("build Ether()/IP()")
    pipe.run("build Ether()/ARP()")
    assert pipe.run("undo") == first
    assert "nothing to undo" in pipe.fail("undo")


def test_a_program_is_listed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x size=1")
    assert pipe.run("undo") == "no instructions\n"


def test_an_edit_of_a_capture_is_undone_where_it_was_made(pipe: Pipe) -> None:
    pipe.run("open three.pcap", "set Ether.type 5", "next")
    assert pipe.run("undo").startswith("packet 1 of 3, ")
    assert pipe.value("Ether", "type") == 0x9000


def test_a_long_way_back(pipe: Pipe) -> None:
    """Steps of long ago are kept without their fields, which are asked for again."""
    pipe.run("build Ether()/IP()", *(f"set IP.ttl {number}" for number in range(1, 31)))
    for number in range(29, 0, -1):
        assert pipe.run("undo").splitlines()[1].endswith(f"{number + 1} -> {number}")
    pipe.run(*29 * ["redo"])
    assert pipe.value("IP", "ttl") == 30
