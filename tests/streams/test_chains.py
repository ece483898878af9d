from __future__ import annotations

import pytest

from scapy_server.streams.chains import check_chains
from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Stream
from tests.streams.support import burst, counted, raw_stream, stream

MEASURED = counted(1, "latency")
PINNED = read_stream(2, raw_stream(core_id=1, self_start=False), Capabilities(2))


@pytest.mark.parametrize(
    ("streams", "text"),
    [
        (
            [stream(1, next_stream_id=2), stream(2)],
            "error: continous stream '1' cannot point to another stream",
        ),
        (
            [stream(1, mode=burst(1), next_stream_id=5)],
            "error: stream 1 is pointing to a non-existent stream 5",
        ),
        (
            [stream(1, mode=burst(1), next_stream_id=2), stream(2, enabled=False)],
            "error: stream 1 is pointing to disabled stream 2",
        ),
        (
            [stream(1, mode=burst(1), next_stream_id=2), stream(2, flow_stats=MEASURED)],
            "error: Non-sequenced stream 1 is pointing to a sequenced stream 2 "
            "(mixing is not allowed)",
        ),
        (
            [stream(1, mode=burst(1), flow_stats=MEASURED, next_stream_id=2), stream(2)],
            "error: Sequenced stream 1 is pointing to a non-sequenced stream 2 "
            "(mixing is not allowed)",
        ),
        (
            [
                stream(1, mode=burst(1), flow_stats=MEASURED, next_stream_id=2),
                stream(2, self_start=False),
            ],
            "error: stream 2 is unreachable from any other stream\n",
        ),
        (
            [stream(1, mode=burst(1), next_stream_id=2), PINNED],
            "error: stream 1 points at stream 2, hence they must be pinned to the same core.",
        ),
        (
            [  # as they come out of the table of a profile
                stream(3, self_start=False),
                stream(2, self_start=False, mode=burst(1), next_stream_id=3),
                stream(1),
            ],
            "error: stream 2 is unreachable from any other stream\n"
            "stream 3 is unreachable from any other stream\n",
        ),
    ],
)
def test_chains_that_the_engine_does_not_compile(streams: list[Stream], text: str) -> None:
    with pytest.raises(StreamRefused) as refusal:
        check_chains(streams)
    assert refusal.value.engine_text == text
    assert refusal.value.where[0].startswith("stream ")


def test_rings_and_shared_ends_are_fine() -> None:
    check_chains(
        [
            stream(1, mode=burst(1), next_stream_id=2),
            stream(2, mode=burst(1), self_start=False, next_stream_id=1),
            stream(3, mode=burst(1), next_stream_id=2),
            stream(4, enabled=False, mode=burst(1), next_stream_id=99),
        ]
    )
