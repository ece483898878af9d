from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


@pytest.mark.parametrize(
    "text", ["Ether()/IP(dst='1.2.3.4')/UDP()", '[{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]']
)
def test_build(pipe: Pipe, text: str) -> None:
    shown = pipe.run(f"build {text}")
    assert shown.startswith("42 bytes\nEther  Ethernet  from byte 0\n")
    assert "\x1b" not in shown
    assert len(pipe.session.packet.frame) == 42
    assert not pipe.session.unsaved  # the line is all that there is to it
