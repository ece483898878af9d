from __future__ import annotations

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import call, error


def test_read_expression(dispatcher: Dispatcher) -> None:
    model = [
        {"id": "Ether", "fields": []},
        {"id": "IP", "fields": [{"id": "dst", "value": "48.0.0.7"}]},
        {"id": "UDP", "fields": []},
    ]
    expression = "Ether()/IP(dst='48.0.0.7')/UDP()"
    for params in ([expression], {"expression": expression}):
        assert call(dispatcher, "read_expression", params) == model


def test_write_expression(dispatcher: Dispatcher) -> None:
    binary = call(dispatcher, "build_pkt", [[{"id": "Ether"}, {"id": "Raw"}]])["binary"]
    written = call(dispatcher, "write_expression", [binary])
    assert written["imports"] == [
        "from scapy.layers.l2 import Ether",
        "from scapy.packet import Raw",
    ]
    text = written["expression"]
    assert text == (
        "Ether(dst='00:00:00:01:00:00',src='00:00:00:02:00:00',type=36864)/Raw(load=b'dummy')"
    )
    model = call(dispatcher, "read_expression", [text])
    assert call(dispatcher, "build_pkt", [model])["binary"] == binary


def test_a_frame_that_does_not_begin_with_ethernet(dispatcher: Dispatcher) -> None:
    binary = call(dispatcher, "build_pkt", [[{"id": "UDP"}]])["binary"]
    written = call(dispatcher, "write_expression", [binary, "UDP"])
    assert written["expression"] == "UDP(sport=53,dport=53,len=8,chksum=0)"
    assert written["imports"] == ["from scapy.layers.inet import UDP"]
    assert error(dispatcher, "write_expression", [binary, "Nope"])[0] == -32098


def test_a_model_is_written_with_what_it_gives(dispatcher: Dispatcher) -> None:
    model = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}, {"id": "UDP"}]
    written = call(dispatcher, "write_expression", [model])
    assert written["expression"] == "Ether()/IP(ttl=9)/UDP()"
    assert written["imports"] == [
        "from scapy.layers.inet import IP, UDP",
        "from scapy.layers.l2 import Ether",
    ]
    assert error(dispatcher, "write_expression", [[]])[0] == -32098


@pytest.mark.parametrize(
    ("method", "parameter", "code", "said"),
    [
        ("read_expression", "IP(", -32097, "was never closed"),
        ("read_expression", "", -32097, "empty"),
        ("read_expression", "IPP()", -32098, 'did you mean "IP'),
        ("read_expression", "5", -32098, "a packet is made of layers"),
        ("read_expression", "exit()", -32098, "there is no layer 'exit'"),
        ("write_expression", "", -32098, "an empty frame"),
        ("write_expression", "é", -32098, "binary_pkt must be base64"),
        ("write_expression", "AAAA", -32098, "3 bytes cannot be read as Ether"),
    ],
)
def test_what_is_refused(
    dispatcher: Dispatcher, method: str, parameter: str, code: int, said: str
) -> None:
    answered, message = error(dispatcher, method, [parameter])
    assert answered == code
    assert said in message
