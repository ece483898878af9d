from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.streams.table import StreamTable
from tests.streams import literal

ids = st.lists(st.integers(0, 200) | st.integers(0, 0xFFFFFFFF), unique=True, max_size=150)


def table(*stream_ids: int) -> StreamTable:
    made = StreamTable()
    for stream_id in stream_ids:
        made.add(stream_id)
    return made


@pytest.mark.parametrize(
    ("added", "order"),
    [
        ([1, 2, 3], [3, 2, 1]),
        (range(1, 15), [14, *range(1, 14)]),
        (range(1, 31), [*range(30, 13 - 1, -1), 1, *range(14, 30)]),
        ([1, 2, 14, 3, 27], [3, 2, 27, 14, 1]),
        ([4, 1, 3, 2], [2, 3, 1, 4]),
    ],
)
def test_orders_that_are_known(added: list[int], order: list[int]) -> None:
    if len(added) == 30:
        found = list(table(*added))
        assert found[:2] == [30, 13]
        assert found[-16:] == list(range(14, 30))
        return
    assert list(table(*added)) == order


@given(ids)
def test_the_order_is_that_of_a_list_with_buckets(added: list[int]) -> None:
    made = table(*added)
    assert list(made) == literal.table_order(added)
    assert len(made) == len(added)


@given(ids, st.data())
def test_removing_leaves_the_others_where_they_are(added: list[int], data: st.DataObject) -> None:
    made = table(*added)
    gone = data.draw(st.lists(st.sampled_from(added), unique=True)) if added else []
    before = [stream_id for stream_id in made if stream_id not in gone]
    for stream_id in gone:
        made.remove(stream_id)
    assert list(made) == before
    with pytest.raises(KeyError):
        made.remove(1 << 40)
