from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_items_come_before_others_and_at_the_end(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/TCP(options=[('MSS', 1460)])")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}")
    pipe.run("insert TCP.options[0] ('NOP', None)", "insert TCP.options[2] ('WScale', 7)")
    assert pipe.session.packet.frame[54:62] == b"\x01\x02\x04\x05\xb4\x03\x03\x07"


def test_layers_are_typed_as_expressions(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/DNS()", "insert DNS.an[0] DNSRR(rdata='192.0.2.1')")
    assert pipe.session.packet.frame.endswith(bytes((192, 0, 2, 1)))
    assert pipe.session.packet.frame[48:50] == b"\0\1"


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("", "insert what where"),
        ("TCP.options[0]", "insert what where"),
        ("TCP.options ('NOP', None)", "insert what where"),
        ("TCP.options[9] ('NOP', None)", "there is no [9]"),
        ("UDP.x[0] 1", "no layer 'UDP'"),
    ],
)
def test_what_cannot_be_inserted(pipe: Pipe, argument: str, said: str) -> None:
    pipe.run("build Ether()/IP()/TCP(options=[('MSS', 1460)])")
    assert said in pipe.fail(f"insert {argument}")
