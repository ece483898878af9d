"""Ports that are network interfaces, on a veth pair in a network namespace of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.network

_MAC = "02:00:00:00:00:%02x"
_SCRIPT = Path(__file__).with_name("veth_session.py")


def has_root() -> bool:
    return os.geteuid() == 0


@pytest.mark.skipif(not has_root(), reason="makes a network namespace, as root")
@pytest.mark.parametrize(
    "case",
    ["counters", "varied", "watched", "large", "kernel", "links", "drops", "full", "announced"],
)
def test_a_veth_pair(case: str) -> None:
    if case == "watched" and shutil.which("tshark") is None:
        pytest.skip("needs tshark")
    name = f"ports{os.getpid()}{case[:2]}"
    subprocess.run(["ip", "netns", "add", name], check=True, timeout=10)
    try:
        inside = ["ip", "netns", "exec", name]
        for command in (
            ["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"],
            ["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"],
            ["ip", "link", "set", "left", "address", _MAC % 1, "up"],
            ["ip", "link", "set", "right", "address", _MAC % 2, "up"],
        ):
            subprocess.run([*inside, *command], check=True, timeout=10)
        result = subprocess.run(
            [*inside, sys.executable, str(_SCRIPT), case],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(_SCRIPT.parents[4])},
        )
        assert result.returncode == 0, result.stdout + result.stderr
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, timeout=10)
