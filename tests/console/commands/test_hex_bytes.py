from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


@pytest.mark.parametrize("digits", ["0x00 0x00:00,00,01,00", "000000 000100"])
def test_bytes_as_they_are_pasted(pipe: Pipe, digits: str) -> None:
    pipe.run(f"hex {digits} 00 00 00 02 00 00 90 00")
    assert pipe.value("Ether", "type") == 0x9000
    assert pipe.session.packet.model is None


def test_the_bytes_of_the_packet(pipe: Pipe) -> None:
    built = pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("hex") == built[built.index("000000  ") :]
    assert set(pipe.json("hex")) == {"binary"}
