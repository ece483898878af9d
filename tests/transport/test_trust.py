from __future__ import annotations

from scapy_server.transport.trust import (
    LONGEST_BAR,
    SHORT_SECONDS,
    TRIED_SECONDS,
    Bar,
    Trust,
    for_newcomers,
)


def test_a_bar_doubles_up_to_a_length_and_is_forgotten() -> None:
    bar, now, lengths = Bar(1.0, 8.0), 0.0, []
    assert not bar.holds(now)
    assert not bar.remembers(now)
    for _ in range(5):
        bar.lower(now)
        assert bar.holds(now + bar.length - 0.1)
        now += bar.length
        assert not bar.holds(now)
        lengths.append(bar.length)
    assert lengths == [1.0, 2.0, 4.0, 8.0, 8.0]
    assert bar.remembers(now + 60)
    assert not bar.remembers(now + 61)
    bar.lower(now + 61)
    assert bar.length == 1.0


def test_who_is_proven_is_not_kept_out_by_what_newcomers_do() -> None:
    newcomers, polite, other = for_newcomers(), Trust(), Trust()
    assert polite.short_seconds(newcomers, 0.0) == SHORT_SECONDS
    polite.proven = True
    other.overran(newcomers, 0.0)
    assert polite.may_try(newcomers, 0.0)
    assert polite.short_seconds(newcomers, 0.0) == SHORT_SECONDS
    assert not Trust().may_try(newcomers, 0.0)
    assert Trust().may_try(newcomers, 0.1)
    assert Trust().short_seconds(newcomers, 0.1) == TRIED_SECONDS


def test_who_overran_has_to_prove_itself_again() -> None:
    newcomers, trust = for_newcomers(), Trust(proven=True)
    trust.overran(newcomers, 0.0)
    assert not trust.may_try(newcomers, 0.9)
    assert trust.may_try(newcomers, 1.1)
    assert trust.short_seconds(newcomers, 1.1) == TRIED_SECONDS
    trust.proven = True
    assert trust.short_seconds(newcomers, 1.1) == SHORT_SECONDS


def test_many_newcomers_that_are_not_short_cost_little() -> None:
    newcomers, now, held = for_newcomers(), 0.0, 0.0
    while now < 100:
        newcomer = Trust()
        if newcomer.may_try(newcomers, now):
            held += newcomer.short_seconds(newcomers, now)
            newcomer.overran(newcomers, now)
        now += 0.01
    assert held < 1.0
    assert newcomers.length == LONGEST_BAR
