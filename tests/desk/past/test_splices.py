from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.desk.past.splices import Splice, splice

BYTES = st.text("ab", max_size=12).map(str.encode)


@given(BYTES, BYTES)
def test_a_splice_makes_one_of_the_other(before: bytes, after: bytes) -> None:
    assert splice(before, after).applied(before) == after


def test_what_is_the_same_on_both_sides_is_not_in_it() -> None:
    before = tuple(range(1000))
    after = (*before[:400], 7, *before[401:])
    assert splice(before, after) == Splice(400, 401, (7,))
    assert splice(before, before[:10] + before[11:]) == Splice(10, 11, ())
    assert splice(b"aaa", b"aaaa") == Splice(3, 3, b"a")
