"""Lost, repeated and reordered packets."""

from __future__ import annotations

from scapy_server.services.ports.frames.stamps import FIRST_SEQUENCE, Stamp
from scapy_server.services.ports.statistics.sequences import Sequence, Strangers


def accepted(sequence: Sequence, numbers: list[int], generation: int = 5) -> list[bool]:
    strangers = Strangers()
    return [
        sequence.accept(Stamp(generation, 0, number & 0xFFFFFFFF, 0), strangers)
        for number in numbers
    ]


def test_a_clean_flow_has_no_errors_also_where_it_wraps() -> None:
    sequence = Sequence()
    accepted(sequence, [FIRST_SEQUENCE + k for k in range(100)])
    assert sequence.errors.found() == {}


def test_the_documented_example() -> None:
    sequence = Sequence()
    accepted(sequence, [FIRST_SEQUENCE + k for k in (0, 1, 3, 2, 4, 4)])
    assert sequence.errors.found() == {"ooo": 1, "dup": 1, "sth": 1, "stl": 2}


def test_a_gap_is_so_many_lost() -> None:
    sequence = Sequence()
    accepted(sequence, [FIRST_SEQUENCE, FIRST_SEQUENCE + 10])
    assert sequence.errors.found() == {"drp": 9, "sth": 1}


def test_other_generations_are_strangers() -> None:
    sequence, strangers = Sequence(), Strangers()
    assert sequence.accept(Stamp(5, 0, FIRST_SEQUENCE, 0), strangers)
    assert not sequence.accept(Stamp(6, 0, FIRST_SEQUENCE, 0), strangers)
    following = sequence.renewed(forget=False)
    assert not following.accept(Stamp(5, 0, 3, 0), strangers)
    assert following.accept(Stamp(6, 0, FIRST_SEQUENCE, 0), strangers)
    assert strangers.found() == {"bad_hdr": 1, "old_flow": 1}
