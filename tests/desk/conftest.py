"""One answerer for all tests of the desk, as loading the layers takes a second."""

from __future__ import annotations

import pytest

from tests.desk.asking import Answerer


@pytest.fixture(scope="session")
def answerer() -> Answerer:
    return Answerer()
