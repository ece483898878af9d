from __future__ import annotations

from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.documents.trex_profile import (
    is_profile,
    named,
    read_profile,
    write_profile,
)
from tests.streams.support import burst, packet, raw_stream

CHAIN = [
    raw_stream(name="a", next="b", mode=burst(1)) | {"next_stream_id": None},
    raw_stream(name="b", self_start=False) | {"next_stream_id": None},
]


def test_chains_are_by_name() -> None:
    first, second = read_profile(CHAIN).entries
    assert (first.stream_id, first.raw["next_stream_id"]) == (1, 2)
    assert (second.stream_id, second.raw["next_stream_id"]) == (2, -1)


def test_forms_that_are_known() -> None:
    one: dict[str, Any] = raw_stream()
    for content in ([one], one, {"streams": [one]}, [{"id": 1, "name": "x", "stream": one}]):
        assert is_profile(content)
        assert read_profile(content).entries[0].stream() == Entry(1, one).stream()
    others: list[Any] = [[], {}, [1], [{"id": "Ether"}], {"streams": []}, None]
    for other in others:
        assert not is_profile(other)


def test_what_is_left_out_has_its_default() -> None:
    stream = read_profile([{"packet": packet(bytes(60))}]).entries[0].stream()
    assert (stream.enabled, stream.self_start, stream.flags, stream.rate.value) == (
        True,
        True,
        0,
        1,
    )


def test_numbers_are_given_or_follow() -> None:
    streams = [raw_stream(), raw_stream() | {"stream_id": 1}, {"id": 7, "stream": raw_stream()}]
    numbers = [entry.stream_id for entry in read_profile([*streams, raw_stream()]).entries]
    assert numbers == [2, 1, 7, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "not a list of streams"),
        ([raw_stream(), 3], "item 1: a stream is an object"),
        ([raw_stream(name="a"), raw_stream(name="a")], "several streams with the name 'a'"),
        ([raw_stream(name="a", next="c")], "stream 1 (a): \"next\" is 'c'"),
        ([raw_stream() | {"id": 1 << 32}], "must fit in 32 bits"),
    ],
)
def test_refusals(content: object, said: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_profile(content)
    assert said in refusal.value.message


def test_streams_that_others_lead_to_get_names() -> None:
    entries = [
        Entry(1, raw_stream(mode=burst(1), next_stream_id=2)),
        Entry(2, raw_stream(mode=burst(1), next_stream_id=1, self_start=False)),
        Entry(3, raw_stream(name="S1")),
    ]
    (_, first), (_, second), (_, third) = named(entries)
    assert (first["name"], first["next"]) == ("S1_", "S2")
    assert (second["name"], second["next"]) == ("S2", "S1_")
    assert "next" not in third


def test_what_is_written_is_read_again() -> None:
    document = read_profile(CHAIN)
    again = read_profile(write_profile(document))
    assert [e.stream() for e in again.entries] == [e.stream() for e in document.entries]
    with pytest.raises(RefusedError, match="several ports or profiles"):
        write_profile(ProfileDocument((Entry(1, raw_stream(), 1), Entry(1, raw_stream()))))
