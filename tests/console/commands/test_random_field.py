from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_random_values_stay(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()", "random IP.src", "random IP.id")
    drawn = pipe.value("IP", "src"), pipe.value("IP", "id")
    pipe.run("set IP.ttl 9")
    assert (pipe.value("IP", "src"), pipe.value("IP", "id")) == drawn


@pytest.mark.parametrize("is_built", [True, False])
def test_the_same_seed_draws_the_same(pipe: Pipe, is_built: bool) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    if not is_built:
        pipe.run(f"hex {pipe.session.packet.frame.hex()}")
    drawn = []
    for line in ("random IP.src 7", "random IP.src 8", "random IP.src 7"):
        pipe.run(line)
        drawn.append(pipe.value("IP", "src"))
    assert drawn[0] == drawn[2] != drawn[1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("random", "which field"),
        ("random IP.src x", "a seed is a whole number from 0 on, not 'x'"),
        ("random IP.src -1", "a seed is a whole number"),
        ("random IP.nope", "nope"),
    ],
)
def test_what_goes_wrong(pipe: Pipe, line: str, said: str) -> None:
    pipe.run("build Ether()/IP()")
    assert said in pipe.fail(line)
