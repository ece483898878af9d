"""How many examples a property is tried on, as the profile of tests/conftest.py has it."""

from __future__ import annotations

from hypothesis import settings


def times(factor: int) -> int:
    """That many times the examples of the chosen profile."""
    profile = settings.default
    assert profile is not None
    return factor * profile.max_examples
