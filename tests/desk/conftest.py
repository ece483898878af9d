"""One answerer for all tests of the desk."""

from __future__ import annotations

import pytest

from tests.desk.asking import Answerer


@pytest.fixture(scope="session")
def answerer() -> Answerer:
    return Answerer()
