"""TRex's own console, unmodified, at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.ports.running import running
from tests.server.ports.test_service import HAS_CLIENT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not HAS_CLIENT, reason="TRex's client needs Python 3.10 or 3.11"),
]

_PROFILE = """
from trex_stl_lib.api import *
class Profile:
    def get_streams(self, direction=0, **tunables):
        packet = Ether() / IP(src="16.0.0.1", dst="48.0.0.1") / UDP() / ("x" * 30)
        return [STLStream(packet=STLPktBuilder(pkt=packet), mode=STLTXCont(pps=100))]
def register():
    return Profile()
"""
#: What is typed, and what is to be seen; each line is waited for.
COMMANDS = [
    ("ping", "SUCCESS"),
    ("help", "update"),
    ("portattr", "net_soft"),
    ("portattr --prom on -p 0", "SUCCESS"),
    ("start -f {profile} -m 10% -p 0", "SUCCESS"),
    ("stats", "opackets"),
    ("stats -g", "drop_rate"),
    ("stats -p", "ierrors"),
    ("stats -s", "Rx bps"),
    ("stats -x", "tx_good_packets"),
    ("stats -c", "(0,1)"),
    ("streams -a", "100 pps"),
    ("profiles", "TX"),
    ("update -m 20% -p 0", "SUCCESS"),
    ("pause -p 0", "SUCCESS"),
    ("resume -p 0", "SUCCESS"),
    ("stop -p 0", "SUCCESS"),
    ("service -p 0 1", "SUCCESS"),
    ("l2 -p 0 --dst 02:00:00:00:00:11", "SUCCESS"),
    ("l3 -p 1 --src 1.1.1.2 --dst 1.1.1.1", "Could not resolve"),
    ("l3 -p 0 --src 1.1.1.1 --dst 1.1.1.2", "hw: 02:00:00:00:00:11"),
    ("arp", "hw: 02:00:00:00:00:10"),
    ("ping -p 0 -d 1.1.1.2", "TTL=128"),
    ("vlan -p 0 --vlan 10", "SUCCESS"),
    ("vlan -p 0 -c", "SUCCESS"),
    ("capture record start --rx 0 --limit 10", "Capturing ID"),
    ("capture", "ACTIVE"),
    ("reset", "SUCCESS"),
    ("clear", "SUCCESS"),
    ("map", "port 0 <--> port 1"),
    ("events", "you"),
    ("verbose on", "on"),
    ("ping", '"ts"'),
    ("verbose off", "off"),
    ("global_cfg", "sched_max_stretch"),
    ("release", "SUCCESS"),
    ("acquire --force", "SUCCESS"),
    ("disconnect", "SUCCESS"),
    ("connect", "SUCCESS"),
]
_PROMPT = re.compile(r"trex(\([^)]*\))?>\s*$")
_PATIENCE = 60.0


class Terminal:
    """The console's other end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def said(self) -> str:
        """What appears until there is a prompt again."""
        seen, end = "", time.monotonic() + _PATIENCE
        while not _PROMPT.search(seen):
            assert time.monotonic() < end, seen
            if select.select([self._descriptor], [], [], 0.1)[0]:
                data = os.read(self._descriptor, 65536).decode("utf-8", "replace")
                seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", data)
        return seen

    def type(self, line: str) -> str:
        """What appears after a line was typed."""
        os.write(self._descriptor, f"{line}\n".encode())
        return self.said()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    import lbr_trex_client  # noqa: PLC0415 (only where there is one)

    library = Path(lbr_trex_client.__file__).parent / "interactive"
    with running() as server:
        arguments = [
            sys.executable, "-W", "ignore", "-m", "trex.console.trex_console", "-s", "127.0.0.1",
            "-p", str(server.requests), "--async_port", str(server.events), "-u", "me", "-f",
        ]  # fmt: skip
        pid, descriptor = pty.fork()
        if pid == 0:
            os.environ.update(PYTHONPATH=str(library), TERM="vt100", COLUMNS="200")
            os.execv(sys.executable, arguments)
        try:
            found = Terminal(descriptor)
            found.said()
            yield found
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(descriptor)


def test_what_people_type(terminal: Terminal, tmp_path: Path) -> None:
    profile = tmp_path / "profile.py"
    profile.write_text(_PROFILE)
    for line, wanted in COMMANDS:
        seen = terminal.type(line.format(profile=profile))
        assert wanted in seen, (line, seen)
