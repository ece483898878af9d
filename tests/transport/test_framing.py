from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.framing import split


@pytest.mark.parametrize(
    ("frames", "envelope", "body"),
    [
        ([b"", b"{}"], (b"",), (b"{}",)),  # REQ, or DEALER with the delimiter
        ([b"{}"], (), (b"{}",)),  # DEALER without
        ([b"", b""], (b"",), (b"",)),  # REQ with an empty request
        ([b""], (), (b"",)),  # DEALER with an empty request
        ([b"proxy", b"", b"{}"], (b"proxy", b""), (b"{}",)),
        ([b"", b"{}", b"x"], (b"",), (b"{}", b"x")),
        ([b"{}", b"x"], (), (b"{}", b"x")),
        ([b"{}", b""], (), (b"{}", b"")),
        ([b"", b"", b"{}"], (b"",), (b"", b"{}")),
        ([], (), ()),
    ],
)
def test_envelope_and_body(
    frames: list[bytes], envelope: tuple[bytes, ...], body: tuple[bytes, ...]
) -> None:
    message = split(frames)
    assert (message.envelope, message.body) == (envelope, body)
    assert message.reply((b"r", b"s")) == [*envelope, (b"r", b"s")]


@given(st.lists(st.sampled_from([b"", b"a", b"{}"]), max_size=6))
def test_no_frame_is_lost(frames: list[bytes]) -> None:
    message = split(frames)
    assert [*message.envelope, *message.body] == frames
