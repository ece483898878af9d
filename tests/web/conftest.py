from __future__ import annotations

import gc

import pytest


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """NiceGUI collects garbage before and after each simulated person, whose time would else
    go into looking through all that earlier tests left in caches."""
    gc.collect()
    gc.freeze()
