from __future__ import annotations

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.documents.requests_file import is_requests, read_requests
from tests.streams.recordings import generated, requests_of


def test_arrays_of_requests_are_told_from_lists_of_streams() -> None:
    assert is_requests([{"method": "x"}])
    assert not is_requests([])
    assert not is_requests({"method": "x"})
    assert not is_requests([{"method": "x"}, {"stream": {}}])


def test_requests_are_kept() -> None:
    requests = requests_of(generated()["profiles2_c2"])
    document = read_requests(requests)
    assert not document.single_profile
    assert [entry.profile for entry in document.entries].count("a") > 0
    adding = [request for request in document.requests if request["method"] == "add_stream"]
    assert len(adding) == len(document.entries)
    assert document.commands == tuple(r for r in requests if r["method"] != "add_stream")
    assert document.requests == requests


def test_refusals_name_the_request() -> None:
    with pytest.raises(RefusedError) as refusal:
        read_requests([{"method": "start_traffic"}, {"method": "add_stream", "params": {}}])
    assert refusal.value.where == ("request 1 (add_stream)",)
