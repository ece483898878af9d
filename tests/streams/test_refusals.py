from __future__ import annotations

from scapy_server.streams.refusals import StreamRefused, stream_place


def test_a_refusal_says_it_to_people_and_to_clients() -> None:
    refusal = StreamRefused("it is so", "it iz", where=("stream 1",), path=("stream", "isg"))
    assert refusal.message == "Scapy Server: stream 1: it is so"
    assert refusal.engine_text == "it iz"
    assert refusal.path == ("stream", "isg")
    assert not refusal.parameter


def test_streams_are_named_by_number_and_name() -> None:
    assert stream_place(4) == "stream 4"
    assert stream_place(4, "udp") == "stream 4 (udp)"
    assert stream_place(4, 17) == "stream 4"
