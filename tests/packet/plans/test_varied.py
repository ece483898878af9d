from __future__ import annotations

import base64
import binascii

import msgspec
import pytest

from scapy_server.packet.plans.plan import Plan, Reply
from scapy_server.packet.plans.varied import Place, Spot, VariedPlan, frame_of

_PIECES = (b'{"value":{"base64":"aG9zdDEuYQ=="},"text":"host1.a.","number":300,"binary":"', b'"}')
_PLAN = Plan(b"\5host1\1a\0\1\x2c\n\0\0\1", (), (), Reply(_PIECES, ()))


def spot(text: bytes, **how: object) -> Spot:
    start = _PIECES[0].index(text)
    return Spot(0, start, start + len(text), **how)  # type: ignore[arg-type]


#: A name, a number of two bytes and an address, which is not shown.
_VARIED = VariedPlan(
    (),
    ("host1.a", 300, "10.0.0.1", "host1.a"),
    ["own", 5],
    (1,),
    (
        Place(0, (1,), (spot(b"aG9zdDEuYQ==", is_base64=True), spot(b"host1.a"))),
        Place(1, (9,), (spot(b"300"),), width=2),
        Place(2, (11,), ()),
    ),
    _PLAN,
    ((0, 3),),
)


def result(
    *literals: str | int, given: tuple[object, ...] = ("own", 5)
) -> tuple[str, bytes] | None:
    answer = _VARIED.result(literals, given)
    if answer is None:
        return None
    decoded = msgspec.json.decode(answer)
    shown = [base64.b64decode(decoded["value"]["base64"]).decode(), decoded["text"]]
    return " ".join([*shown, str(decoded["number"])]), binascii.a2b_base64(decoded["binary"])


def test_its_own_literals_give_its_own_answer() -> None:
    assert result(*_VARIED.literals) == ("host1.a host1.a. 300", _PLAN.frame)


def test_others_stand_in_their_places() -> None:
    """Between the labels of a name its own bytes stay."""
    text, frame = result("nodeZ.9", 7, "192.168.0.255", "nodeZ.9") or ("", b"")
    assert text == "nodeZ.9 nodeZ.9. 7"
    assert frame == b"\5nodeZ\x019\0\0\7\xc0\xa8\0\xff"


@pytest.mark.parametrize(
    "literals",
    [
        ("host1.a", 65536, "10.0.0.1", "host1.a"),
        ("host1.a", 300, "10.0.0.256", "host1.a"),
        ("host2.a", 300, "10.0.0.1", "host1.a"),
        ("host1.a", 300, "10.0.0.1", "host2.a"),
    ],
)
def test_what_has_no_place_is_not_answered(literals: tuple[str | int, ...]) -> None:
    assert result(*literals) is None


def test_other_fixed_values_are_not_answered() -> None:
    assert result(*_VARIED.literals, given=("other", 5)) is not None
    assert result(*_VARIED.literals, given=("own", 6)) is None


def test_what_it_takes() -> None:
    assert _VARIED.size == _PLAN.size + 3 * 256
    assert frame_of(_PLAN) == _PLAN.frame
