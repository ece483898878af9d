"""What a service makes of the one frame that is a request, and of its replies.

The packet service sends JSON as it is. Another service may, say, compress.
"""

from __future__ import annotations

from typing import Protocol


class Codec(Protocol):
    """From a frame to the text of a request, and from the text of a reply to a frame."""

    def decode(self, frame: bytes) -> bytes:
        """The text of a request; raises ScapyServerError if there is none."""

    def encode(self, reply: bytes, frame: bytes) -> bytes:
        """The frame of a reply to the request that came as `frame`."""


class Plain:
    """Texts are frames."""

    def decode(self, frame: bytes) -> bytes:
        return frame

    def encode(self, reply: bytes, frame: bytes) -> bytes:
        return reply
