"""Programs on the pages run as they stand, against a server. (Tutorial and cookbook have tests
of their own, in which one thing follows from another.)"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scapy_server import Client
from tests.running import PATIENCE, environment
from tests.transcript import Program, steps

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "docs/client.md", "docs/rendering.md", "docs/captures.md"]
PROGRAMS = [
    pytest.param(step, id=f"{page}-{number}")
    for page in PAGES
    for number, step in enumerate(steps((ROOT / page).read_text()))
    if isinstance(step, Program)
]


@pytest.mark.processes
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(program: Program, server_port: int, tmp_path: Path) -> None:
    server = f"127.0.0.1:{server_port}"
    with Client(server, timeout=PATIENCE) as client:
        (tmp_path / "trace.pcapng").write_bytes(client.write_pcap([bytes(60)]))
    done = subprocess.run(
        [sys.executable, "-c", program.text.replace("localhost:4507", server)],
        check=False,
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == program.expected or not program.expected
