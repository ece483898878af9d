"""Whole profiles against what the engine's simulator sent."""

from __future__ import annotations

import pytest

from scapy_server.streams.refusals import StreamRefused
from tests.streams import literal
from tests.streams.recordings import (
    Case,
    expected,
    generated,
    recorded_profiles,
    sent_by,
    traffic_of,
    without_skipped,
)

every_generated = pytest.mark.parametrize("name", generated())
every_profile = pytest.mark.parametrize("name", recorded_profiles())


def check(case: Case) -> None:
    if "refused" in case:
        with pytest.raises(StreamRefused) as refusal:
            traffic_of(case)
        assert refusal.value.engine_text.strip() == case["refused"]
        return
    sent = sent_by(traffic_of(case), case["cores"])
    assert without_skipped(case, sent) == expected(case)


@every_generated
def test_all_is_sent_as_it_was_recorded(name: str) -> None:
    check(generated()[name])


@pytest.mark.sweep
@every_profile
def test_public_profiles_are_sent_as_they_were_recorded(name: str) -> None:
    check(recorded_profiles()[name])


@pytest.mark.sweep
@pytest.mark.parametrize("name", [*generated(), *recorded_profiles()])
def test_the_literal_form_sends_what_was_recorded(name: str) -> None:
    case = (generated() | recorded_profiles())[name]
    if "refused" not in case:
        assert without_skipped(case, literal.run(case)) == expected(case)
