"""The oracle itself is held to the recorded facts."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from tests.engine import oracle
from tests.engine.facts import (
    ENGINE_OUTPUTS,
    VECTORS,
    check_engine_output,
    observe,
    vector_arguments,
)


@pytest.mark.sweep
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector: dict[str, Any]) -> None:
    stream = oracle.packets(**vector_arguments(vector))
    packets = list(islice(stream, len(vector["expect"])))
    assert observe(vector, packets) == vector["expect"]


@pytest.mark.sweep
@pytest.mark.parametrize("name", ENGINE_OUTPUTS)
def test_engine_outputs(name: str) -> None:
    recorded = ENGINE_OUTPUTS[name]
    stream = oracle.packets(
        bytes.fromhex(recorded["template"]),
        recorded["vm"],
        random_seed=recorded["random_seed"],
        hardware="raw",
    )
    check_engine_output(recorded, list(islice(stream, len(recorded["lengths"]))))
