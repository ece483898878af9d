from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.framing import split


@pytest.mark.parametrize(
    ("frames", "envelope", "body"),
    [
        ([b"id", b"", b"{}"], (b"id", b""), (b"{}",)),  # REQ, or DEALER with the delimiter
        ([b"id", b"{}"], (b"id",), (b"{}",)),  # DEALER without
        ([b"id", b"", b""], (b"id", b""), (b"",)),  # REQ with an empty request
        ([b"id", b""], (b"id",), (b"",)),  # DEALER with an empty request
        ([b"id", b"proxy", b"", b"{}"], (b"id", b"proxy", b""), (b"{}",)),
        ([b"id", b"", b"{}", b"x"], (b"id", b""), (b"{}", b"x")),
        ([b"id", b"{}", b"x"], (b"id",), (b"{}", b"x")),
        ([b"id", b"{}", b""], (b"id",), (b"{}", b"")),
        ([b"id", b"", b"", b"{}"], (b"id", b""), (b"", b"{}")),
        ([b"id"], (b"id",), ()),
    ],
)
def test_envelope_and_body(
    frames: list[bytes], envelope: tuple[bytes, ...], body: tuple[bytes, ...]
) -> None:
    message = split(frames)
    assert (message.envelope, message.body) == (envelope, body)
    assert message.reply(b"r") == [*envelope, b"r"]


@given(st.binary(min_size=1), st.lists(st.sampled_from([b"", b"a", b"{}"]), max_size=6))
def test_no_frame_is_lost(identity: bytes, frames: list[bytes]) -> None:
    message = split([identity, *frames])
    assert [*message.envelope, *message.body] == [identity, *frames]
    assert message.envelope[0] == identity
