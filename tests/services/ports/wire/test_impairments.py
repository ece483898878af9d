"""What an operator writes about a wire."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.wire.impairments import Impairments, parse


def test_all_of_it() -> None:
    assert parse("delay=1.5ms,jitter=250us,loss=1%,reorder=0.5,duplicate=2%,rate=10m") == (
        Impairments(0.0015, 250e-6, 0.01, 0.5, 0.02, 10e6)
    )
    assert parse("") == Impairments()
    assert parse("").is_perfect


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("speed=1", "a wire has delay, jitter, loss, reorder, duplicate, rate, not 'speed'"),
        ("delay=1", "a time is a number with s, ms, us or ns, such as 1.5ms, not '1'"),
        ("loss=101%", "a share is a number up to 1 or 100%"),
        ("rate=0", "a rate is a number of bits a second"),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse(text)
