from __future__ import annotations

import pytest

from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.refusals import StreamRefused
from tests.streams.support import raw_stream


def test_an_entry_is_a_request() -> None:
    entry = Entry(3, raw_stream(), 1, "b")
    request = entry.request
    assert request["method"] == "add_stream"
    assert request["params"]["stream"] == raw_stream()
    assert (request["params"]["port_id"], request["params"]["profile_id"]) == (1, "b")
    assert entry.stream().stream_id == 3
    with pytest.raises(StreamRefused):
        Entry(3, {"flags": 0}).stream()


def test_which_documents_are_of_one_profile() -> None:
    one = Entry(1, raw_stream())
    assert ProfileDocument((one,)).single_profile
    assert not ProfileDocument((one, Entry(1, raw_stream(), 1))).single_profile
    assert ProfileDocument((Entry(1, raw_stream(), 5),)).port == 5
    assert ProfileDocument(()).port == 0
    stop = {"method": "stop_traffic", "params": {}}
    assert ProfileDocument((one,), (stop,)).requests == [one.request, stop]


def test_requests_keep_their_order_and_take_a_seed() -> None:
    adding = Entry(1, raw_stream()).request
    removing = {"method": "remove_stream", "params": {"port_id": 0, "stream_id": 1}}
    given = (adding, removing, adding)
    entries = (Entry(1, raw_stream()),) * 2
    document = ProfileDocument(entries, (removing,), given=given)
    assert document.requests == list(given)
    seeded = document.seeded(7)
    assert [entry.raw["random_seed"] for entry in seeded.entries] == [7, 7]
    assert seeded.requests[1] == removing
    assert seeded.requests[2]["params"]["stream"]["random_seed"] == 7
