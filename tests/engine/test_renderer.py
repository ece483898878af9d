"""The renderer against the recorded facts and against the oracle."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine import Renderer
from tests.engine import oracle
from tests.engine.facts import (
    ENGINE_OUTPUTS,
    VECTORS,
    check_engine_output,
    observe,
    vector_arguments,
)
from tests.engine.programs import streams


def packets(renderer: Renderer, start: int, count: int) -> list[bytes]:
    rows, lengths = renderer.block(start, count)
    return [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector: dict[str, Any]) -> None:
    renderer = Renderer(**vector_arguments(vector))
    count = len(vector["expect"])
    assert observe(vector, packets(renderer, 0, count)) == vector["expect"]
    for index, expected in enumerate(vector["expect"]):
        assert observe(vector, packets(renderer, index, 1)) == [expected]


@pytest.mark.parametrize("name", ENGINE_OUTPUTS)
def test_engine_outputs(name: str) -> None:
    recorded = ENGINE_OUTPUTS[name]
    renderer = Renderer(
        bytes.fromhex(recorded["template"]),
        recorded["vm"],
        random_seed=recorded["random_seed"],
        hardware="raw",
    )
    check_engine_output(recorded, packets(renderer, 0, len(recorded["lengths"])))


@given(streams(), st.integers(0, 150), st.integers(1, 150))
def test_every_block_is_what_the_oracle_sends(
    stream: dict[str, Any], start: int, count: int
) -> None:
    expected = list(islice(oracle.packets(**stream), start + count))
    renderer = Renderer(**stream)
    assert packets(renderer, 0, start + count) == expected
    assert packets(renderer, start, count) == expected[start:]


@given(streams(), st.integers(0, 50))
def test_the_cores_of_a_stream_can_be_rendered_one_by_one(
    stream: dict[str, Any], start: int
) -> None:
    cores = stream["cores"]
    together = packets(Renderer(**stream), start * cores, 20 * cores)
    for core in range(cores):
        alone = Renderer(**stream, only=core)
        assert packets(alone, start, 20) == together[core::cores]


@given(streams(), st.integers(0, (1 << 63) - 40) | st.just((1 << 63) - 40), st.integers(1, 39))
def test_a_block_does_not_depend_on_where_others_start(
    stream: dict[str, Any], start: int, before: int
) -> None:
    renderer = Renderer(**stream)
    whole = packets(renderer, start, 40)
    assert packets(renderer, start + before, 40 - before) == whole[before:]
    assert packets(Renderer(**stream), start, before) == whole[:before]


@given(streams(), st.integers(0, 1 << 40), st.integers(1, 1 << 20))
def test_packets_repeat_after_the_period(stream: dict[str, Any], later: int, times: int) -> None:
    renderer = Renderer(**stream)
    assert renderer.cycle is not None
    lead, period = renderer.cycle
    if lead + later + times * period + 20 <= 1 << 63:
        again = packets(renderer, lead + later + times * period, 20)
        assert packets(renderer, lead + later, 20) == again
