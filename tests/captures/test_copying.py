from __future__ import annotations

import io

import pytest

from scapy_server.captures.copying import Copying, format_of
from scapy_server.errors import RefusedError
from tests.captures.files import FRAMES, LITTLE, classic, erf_file, whole

NOTES = LITTLE.options((1, b"note"), (2, bytes(4)))
PCAPNG = (
    LITTLE.section(options=NOTES)
    + LITTLE.interface(options=LITTLE.options((2, b"eth0")))
    + b"".join(LITTLE.enhanced(frame, options=NOTES) for frame in FRAMES)
    + LITTLE.block(5, b"statistics")
)


def copied(file: bytes, changed: dict[int, bytes], gone: set[int], at_once: int = 100) -> bytes:
    copying = Copying(io.BytesIO(file), changed, gone)
    while copying.go_on(at_once):
        pass
    return copying.content()


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_all_else_keeps_its_bytes(at_once: int) -> None:
    after = copied(PCAPNG, {2: b"The second"}, set(), at_once)
    assert after == PCAPNG.replace(b"the second", b"The second")
    assert after != PCAPNG


def test_what_is_gone_leaves_no_byte() -> None:
    assert copied(PCAPNG, {}, {1}) == PCAPNG.replace(LITTLE.enhanced(b"one", options=NOTES), b"")


def test_what_the_format_cannot_hold_names_the_packet() -> None:
    with pytest.raises(RefusedError, match="packet 1: an ERF record holds at most 65535 bytes"):
        copied(erf_file(FRAMES), {1: bytes(70_000)}, set())


@pytest.mark.parametrize(
    ("file", "ending"),
    [(PCAPNG, ".pcapng"), (classic(whole(b"x")), ".pcap"), (b"no capture", None)],
)
def test_the_format_is_that_of_the_file(file: bytes, ending: str | None) -> None:
    assert format_of(lambda: io.BytesIO(file)) == ending


def test_a_file_that_is_there_no_more_has_no_format() -> None:
    assert format_of(None) is None
    assert format_of(lambda: None) is None
