"""What a service makes of the one frame that is a request, and of its replies.

The packet service sends JSON as it is. Another service may, say, compress.
"""

from __future__ import annotations

from typing import Protocol

from scapy_server.transport.zmtp.frames import Pieces


class Codec(Protocol):
    """From a frame to the text of a request, and from the text of a reply to a frame.

    What is replied comes and goes in pieces.
    """

    def decode(self, frame: bytes) -> bytes:
        """The text of a request; raises ScapyServerError if there is none."""

    def encode(self, reply: Pieces, frame: bytes) -> Pieces:
        """The frame of a reply to the request that came as `frame`."""


class Plain:
    """Texts are frames."""

    def decode(self, frame: bytes) -> bytes:
        return frame

    def encode(self, reply: Pieces, frame: bytes) -> Pieces:
        return reply
