"""Capture ports between the control plane and programs."""

from __future__ import annotations

from pathlib import Path

import zmq

from scapy_server.server.ports.bridges import CapturePorts
from scapy_server.server.ports.places import read_places
from scapy_server.transport.pairs import Pairs
from tests.running import PATIENCE


def test_frames_go_to_the_program_of_their_port_while_it_is_open(tmp_path: Path) -> None:
    pairs = Pairs(9000, lambda port, frames: None)
    ports = CapturePorts(read_places([f"ipc://{tmp_path}"]), pairs)
    endpoint = f"ipc://{tmp_path}/program"
    assert ports.allows(endpoint)
    assert not ports.allows("ipc:///elsewhere/program")
    with zmq.Context() as context, context.socket(zmq.PAIR) as program:
        program.bind(endpoint)
        program.rcvtimeo = int(1000 * PATIENCE)
        ports.open(1, endpoint)
        ports.hand(1, b"frame")
        assert program.recv() == b"frame"
        ports.close(1)
        ports.hand(1, b"late")
    pairs.close()
