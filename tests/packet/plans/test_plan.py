"""A plan made by hand: given values stand in the frame and in the reply."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.checksums import Checksum
from scapy_server.packet.plans.plan import Plan, Reply
from scapy_server.packet.plans.slots import NumberSlot

BYTE = NumberForm(0, 255)
PLAN = Plan(
    b"\x01\x02\0\0",
    ((1, NumberSlot(0, 1, 0, 8, BYTE)),),
    (Checksum(2, ((0, 4),), 0, NumberForm(0, 65535, hexadecimal=True)),),
    Reply((b'{"sum":[', b",", b'],"first":[', b",", b'],"binary":"', b'"}'), (1, 0)),
)


def test_values_checksums_and_bytes_stand_in_the_reply() -> None:
    found = PLAN.result(["of no slot", 5])
    assert found is not None
    checksum = 0xFFFF - 0x0502
    assert json.loads(found) == {
        "sum": [checksum, hex(checksum)],
        "first": [5, "5"],
        "binary": base64.b64encode(b"\x05\x02" + checksum.to_bytes(2, "big")).decode(),
    }
    assert PLAN.frame == b"\x01\x02\0\0"


@pytest.mark.parametrize("value", [256, -1, None, [], {"vtype": "RANDOM"}, 1.5])
def test_what_is_not_plain_goes_the_long_way(value: Any) -> None:
    assert PLAN.result([0, value]) is None


def test_a_reply_is_joined_again_and_again() -> None:
    reply = Reply((b"<", b">"), ())
    assert [reply.join([], bytearray(data)) for data in (b"a", b"b")] == [b"<YQ==>", b"<Yg==>"]
