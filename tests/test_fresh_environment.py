"""The distribution as it is installed, in an environment that has nothing else."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture

ROOT = Path(__file__).parents[1]
PROFILE = '''
import argparse
from trex_stl_lib.api import *


class Addresses(object):
    """Half of the addresses in each direction."""

    def get_streams(self, direction=0, tunables=(), **kwargs):
        parser = argparse.ArgumentParser()
        parser.add_argument("--size", type=int, default=64)
        size = parser.parse_args(tunables).size
        base = Ether() / IP(src=["16.0.0.1", "48.0.0.1"][direction]) / UDP()
        vm = STLScVmRaw([
            STLVmFlowVar("last", min_value=1, max_value=9, size=1, op="inc"),
            STLVmWrFlowVar("last", pkt_offset="IP.src", offset_fixup=3),
            STLVmFixIpv4(offset="IP"),
        ])
        packet = STLPktBuilder(pkt=base / ("x" * (size - len(base))), vm=vm)
        return [STLStream(packet=packet, mode=STLTXCont(pps=10))]


def register():
    return Addresses()
'''


@pytest.mark.processes
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the library is older than this Python")
def test_a_python_profile_needs_the_distribution_and_one_extra(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    tools = tmp_path / "env" / "bin"
    install = [str(tools / "pip"), "install", "--quiet", f"{ROOT}[trex]"]
    subprocess.run(install, check=True, capture_output=True, timeout=600)
    (tmp_path / "profile.py").write_text(PROFILE)
    options = ["-t", "--size 80", "--port", "0", "--port", "1", "-n", "6", "-o", "all.pcap"]
    subprocess.run(
        [str(tools / "scapy-server"), "render", "profile.py", *options],
        check=True,
        cwd=tmp_path,
        timeout=600,
    )
    frames = [record.data for record in read_capture((tmp_path / "all.pcap").read_bytes())]
    sources = sorted(frame[26:30] for frame in frames)
    assert sources == [bytes([net, 0, 0, last]) for net in (16, 48) for last in (1, 2, 3)]
    assert {len(frame) for frame in frames} == {80}
