from __future__ import annotations

from scapy_server.rpc.method import Parameter
from scapy_server.wording import JsonType


def test_expected_types_read_as_a_sentence() -> None:
    parameter = Parameter("model", (JsonType.ARRAY, JsonType.NULL), "")
    assert parameter.expected == "an array or null"
