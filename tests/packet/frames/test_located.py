from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.frames.located import Located, consumed, pieces_in, relocated

DATA = b"GET  /x HTTP/1.1\r\nHost: a b\r\n"


def places(*pieces: Located) -> list[tuple[int, int]]:
    return [(piece.place.bit_offset // 8, piece.place.bit_length // 8) for piece in pieces]


@given(st.binary(), st.data())
def test_a_slice_knows_which_bytes_it_is_made_of(data: bytes, drawn: st.DataObject) -> None:
    whole = Located.whole(data)
    cut = slice(*sorted(drawn.draw(st.tuples(*[st.integers(-20, 20)] * 2))))
    piece = whole[cut]
    assert piece == data[cut] and bytes(data[at] for at in piece.where) == piece
    assert [*piece] == [*data[cut]]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("split", (b"\r\n",)),
        ("split", (b":", 1)),
        ("split", ()),
        ("split", (None, 1)),
        ("rsplit", (b" ", 1)),
        ("rsplit", ()),
        ("partition", (b": ",)),
        ("rpartition", (b" ",)),
        ("splitlines", ()),
        ("splitlines", (True,)),
    ],
)
def test_pieces_are_those_of_bytes_and_know_their_places(
    method: str, arguments: tuple[object, ...]
) -> None:
    pieces = list(getattr(Located.whole(DATA), method)(*arguments))
    assert pieces == list(getattr(DATA, method)(*arguments))
    for piece in pieces:
        assert bytes(DATA[at] for at in piece.where) == piece


def test_stripped_bytes_know_their_place() -> None:
    whole = Located.whole(b"  ab \r\n")
    assert places(whole.strip(), whole.lstrip(), whole.rstrip(b"\r\n")) == [(2, 2), (2, 5), (0, 5)]


def test_joined_pieces_have_a_place_where_they_stood_together() -> None:
    whole = Located.whole(b"0123456789")
    together = whole[2:4] + whole[4:7]
    assert together == b"23456" and places(together) == [(2, 5)]
    assert not (whole[4:7] + whole[2:4]).place.known
    assert not (whole[2:4] + b"x").place.known and (b"x" + whole[2:4]) == b"x23"
    assert places(b"" + whole[3:5]) == [(3, 2)]
    moved = whole[4:7] + whole[2:4]
    assert places(moved[3:]) == [(2, 2)]


def test_what_was_consumed_is_what_the_rest_lacks() -> None:
    whole = Located.whole(b"0123456789")
    assert places(whole[2:5]) == [(2, 3)]
    read = consumed(whole[2:], whole[5:])
    assert (read.bit_offset, read.bit_length, read.known) == (16, 24, True)
    bits = consumed((whole[2:], 3), (whole[2:], 7))
    assert (bits.bit_offset, bits.bit_length) == (19, 4)
    trailer = consumed(whole[2:], bytes(whole[2:8]))
    assert (trailer.bit_offset, trailer.bit_length) == (64, 16)
    assert not consumed(whole, b"else").known and not consumed(b"ab", b"b").known


def test_an_end_or_a_beginning_that_lost_its_place_gets_it_again() -> None:
    whole = Located.whole(b"0123456789")
    end, beginning = relocated(whole, b"789"), relocated(whole, b"012")
    assert isinstance(end, Located) and isinstance(beginning, Located)
    assert places(end, beginning) == [(7, 3), (0, 3)]
    assert not isinstance(relocated(whole, b"else"), Located)


def test_the_pieces_of_a_value_are_found_wherever_it_holds_them() -> None:
    whole = Located.whole(b"abcdef")
    value = {whole[:1]: [whole[1:2], (b"x", whole[2:3])]}
    assert sorted(places(*pieces_in(value))) == [(0, 1), (1, 1), (2, 1)]
