"""Options of streams and profiles, as those read them who do what is asked."""

from __future__ import annotations

from pathlib import Path

from scapy_server.cli.streams.choices import HardwareState, ProfileWish
from scapy_server.cli.streams.options import (
    ProfileOptions,
    RenderedProfile,
    ShownProfile,
    StreamOptions,
)
from scapy_server.streams.sources.given import Selection


def test_which_stream() -> None:
    assert StreamOptions().selection == Selection()
    given = StreamOptions(stream="a", cores=3, hardware=HardwareState.RAW)
    assert given.selection == Selection(stream="a", cores=3, hardware="raw")
    assert StreamOptions(hardware=HardwareState.COMPLETE).selection.hardware == "complete"


def test_nothing_is_asked_of_a_profile_that_was_not_said() -> None:
    for options in (ProfileOptions(), RenderedProfile(), ShownProfile()):
        assert options.wish == ProfileWish()


def test_what_is_asked_of_a_profile() -> None:
    written = RenderedProfile(port=[1], duration=2.0, events=Path("e.json"), per_port=True)
    wish = ProfileWish((1,), duration=2.0, events=Path("e.json"), per_port=True)
    assert written.wish == wish
    assert ShownProfile(limit="9", timeline=True).wish == ProfileWish(limit="9", timeline=True)
