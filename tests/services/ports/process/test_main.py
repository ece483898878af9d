"""The process of a data plane, on a channel that the test holds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.process import memory
from scapy_server.services.ports.process.channel import (
    Channel,
    ChannelClosed,
    Opened,
    Opening,
    Order,
    news,
)
from tests.running import PATIENCE, environment

pytestmark = pytest.mark.processes


@contextmanager
def running(*lines: dict[str, str]) -> Iterator[tuple[Channel, subprocess.Popen[bytes]]]:
    """The control plane's end, and the process, which is to have ended."""
    one, other = socket.socketpair()
    with one, other:
        count = len(lines)
        descriptors = (other.fileno(), memory.create(count))
        process = subprocess.Popen(
            [sys.executable, "-m", "scapy_server.services.ports.process.main"]
            + [str(each) for each in descriptors],
            pass_fds=descriptors,
            env=environment(),
        )
        os.close(descriptors[1])
        other.close()
        control = Channel(one, news)
        control.send(
            Opening(list(range(count)), list(lines), [1e10] * count, 1, 0xFC00, 0, 1, 1, False)
        )
        yield control, process
    assert process.wait(PATIENCE) == 0


def heard(control: Channel) -> object:
    """The next message; ChannelClosed when there is none any more."""
    while True:
        control.wait(PATIENCE)
        for message in control.receive():
            return message


def test_it_opens_its_lines_obeys_and_ends_with_the_control_plane() -> None:
    with running({"kind": "loop"}, {"kind": "loop"}) as (control, process):
        assert heard(control) == Opened(macs=[None, None])
        control.send(Order(c.Queue(0)))
        assert heard(control) == c.Frames([])
        assert process.poll() is None


def test_a_line_that_cannot_be_opened_is_told_and_is_the_end() -> None:
    with running({"kind": "pcap", "file": "/nowhere/out.pcap"}) as (control, _):
        told = heard(control)
        assert isinstance(told, Opened)
        assert told.failure is not None
        assert "/nowhere/out.pcap" in told.failure
        with pytest.raises(ChannelClosed):
            heard(control)
