from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """NiceGUI collects garbage before and after each simulated person, whose time would else
    go into looking through all that earlier tests left in caches."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _modules_stay() -> Iterator[None]:
    """NiceGUI forgets the modules of all pages once a simulated person is gone: later tests
    would get second ones."""
    loaded = dict(sys.modules)
    yield
    sys.modules.update(loaded)
