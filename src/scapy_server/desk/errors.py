"""What cannot be done, in a sentence for the person at the desk."""

from __future__ import annotations


class DeskError(Exception):
    """A command that cannot be done, in one sentence."""
