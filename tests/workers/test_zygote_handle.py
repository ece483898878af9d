"""The front's end of the wire, whose other end the test holds."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import msgspec
import pytest

from scapy_server.workers.channel import MethodFacts, Report, WireError, encode
from scapy_server.workers.zygote_handle import ZygoteHandle, connect

FACTS = [MethodFacts("build_pkt"), MethodFacts("start", repeatable=False)]


@pytest.fixture
def wire() -> Iterator[tuple[ZygoteHandle, socket.socket]]:
    attached: list[tuple[socket.socket, bool]] = []
    handle = connect(lambda control, fresh: attached.append((control, fresh)), True)
    ((theirs, fresh),) = attached
    assert fresh
    with theirs:
        yield handle, theirs
    handle.close()


def test_a_worker_is_at_the_other_end_of_the_socket_that_was_ordered(
    wire: tuple[ZygoteHandle, socket.socket],
) -> None:
    handle, theirs = wire
    with handle.fork(7) as ours:
        data, (descriptor,), _, _ = socket.recv_fds(theirs, 1000, 1)
        assert json.loads(data)["fork"] == 7
        with socket.socket(fileno=descriptor) as worker:
            worker.sendall(b"hello")
        assert ours.recv(10) == b"hello"


def test_an_end_is_ordered_by_number(wire: tuple[ZygoteHandle, socket.socket]) -> None:
    handle, theirs = wire
    handle.kill(77)
    assert json.loads(theirs.recv(1000))["kill"] == 77


def test_it_is_loaded_when_it_tells_its_methods(wire: tuple[ZygoteHandle, socket.socket]) -> None:
    handle, theirs = wire
    assert list(handle.reports()) == []
    assert (handle.loaded, handle.pid, handle.failure) == (False, 0, None)
    theirs.send(encode(Report(methods=FACTS, pid=5)))
    theirs.send(encode(Report(forked=1, pid=6)))
    assert [report.forked for report in handle.reports()] == [None, 1]
    assert (handle.loaded, handle.pid) == (True, 5)
    assert handle.methods == {fact.name: fact for fact in FACTS}


def test_why_it_cannot_load_is_known(wire: tuple[ZygoteHandle, socket.socket]) -> None:
    handle, theirs = wire
    theirs.send(encode(Report(forked=1, failed="no more processes")))
    theirs.send(encode(Report(failed="no module named x")))
    list(handle.reports())
    assert (handle.loaded, handle.failure) == (False, "no module named x")


def test_one_that_is_gone_is_told(wire: tuple[ZygoteHandle, socket.socket]) -> None:
    handle, theirs = wire
    theirs.close()
    with pytest.raises(WireError, match="gone"):
        list(handle.reports())
    with pytest.raises(WireError, match="does not listen"):
        handle.fork(1)
    with pytest.raises(WireError, match="does not listen"):
        handle.kill(1)


def test_what_is_no_report_is_no_surprise(wire: tuple[ZygoteHandle, socket.socket]) -> None:
    handle, theirs = wire
    theirs.send(b"{")
    with pytest.raises(msgspec.DecodeError):
        list(handle.reports())
