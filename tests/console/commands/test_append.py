from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_layers_expressions_and_models(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "append UDP", "append DNS(qd=DNSQR(qname='a.b'))/Raw('x')")
    pipe.run('append [{"id": "Raw"}]')
    ids = [layer["id"] for layer in pipe.session.packet.layers]
    assert ids == ["Ether", "IP", "UDP", "DNS", "Raw", "Raw"]
    assert pipe.value("UDP", "dport") == 53


def test_to_a_dissected_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "append Raw('abc')")
    assert pipe.session.packet.frame.endswith(b"abc")
    assert pipe.session.packet.model is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("append", "append what"),
        ("append Nope", "Nope"),
        ('append {"id": 1}', "a packet is made of layers"),
        ("append [5]", "an array of layers"),
    ],
)
def test_what_goes_wrong(pipe: Pipe, line: str, said: str) -> None:
    pipe.run("build Ether()/IP()")
    assert said in pipe.fail(line)
