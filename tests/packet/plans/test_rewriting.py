"""A rewrite made by hand: which frames it is for, what it changes, and what it shows."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.plan import Reply
from scapy_server.packet.plans.rewriting import Laid, Line, Rewrite
from scapy_server.packet.plans.slots import NumberSlot

FIRST, LAST = (NumberSlot(at, at + 1, 0, 8, NumberForm(0, 255), frozenset({9})) for at in (0, 2))
REWRITE = Rewrite(
    mask=b"\0\xff\0",
    structure=b"\0\x45\0",
    slots=((0, FIRST),),
    shown=(FIRST, LAST),
    reply=Reply((b"", b"/", b" ", b"/", b" ", b""), (0, 1)),
    line=Line((b"from ", 0), (1,), b'"}', 16),
    fixed=((1, 7),),
    replaced=(FIRST,),
)


def test_the_structure_selects_frames_of_its_length() -> None:
    assert REWRITE.is_for(b"\x01\x45\xff")
    assert not REWRITE.is_for(b"\x01\x46\xff")
    assert not REWRITE.is_for(b"\x01\x45")


def test_given_values_are_written_and_the_rest_is_shown_from_the_frame() -> None:
    assert REWRITE.result(b"\x01\x45\x03", [2, 7]) == b'2/"2" 3/"3" AkUD'


@pytest.mark.parametrize(
    ("frame", "given"),
    [
        (b"\x01\x45\x03", [2, 8]),  # another fixed value
        (b"\x01\x45\x03", [2, True]),
        (b"\x01\x45\x03", [9, 7]),  # a number for another plan: written,
        (b"\x01\x45\x09", [2, 7]),  # shown,
        (b"\x09\x45\x03", [2, 7]),  # and written over
    ],
)
def test_what_is_for_another_plan_goes_the_long_way(frame: bytes, given: list[object]) -> None:
    assert REWRITE.result(frame, given) is None


def test_the_line_is_for_frames_whose_numbers_are_for_this_plan() -> None:
    assert REWRITE.summary(b"\x05\x45\x03") == b'{"info":"from 5"}'
    assert REWRITE.summary(b"\x05\x45\x09") is None


@pytest.mark.parametrize(
    ("after", "head", "tail", "changed"),
    [
        (b"\0\xaa\xbb\0", b"\xff\0\0", b"\0\0\xff", b"\x01\xaa\xbb\x03"),  # longer
        (b"\0\0", b"\xff\0\0", b"\0\0\xff", b"\x01\x03"),  # shorter
        (b"\0\xaa\0", b"\xff\0\0", b"\0\0\xff", b"\x01\xaa\x03"),
    ],
)
def test_another_frame_is_laid_around_what_stays(
    after: bytes, head: bytes, tail: bytes, changed: bytes
) -> None:
    assert Laid(after, head, tail).over(b"\x01\x02\x03") == changed
