"""The frames of a ZeroMQ message: the envelope, and the one frame that is the request.

A REQ client sends an empty delimiter before its request, a DEALER may leave it out, and
proxies in between add frames of their own in front of it. Whatever stands in front is
the envelope, and goes back unchanged before the reply.

Source: ZeroMQ RFC 28/REQREP, "The Message Envelope".
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from scapy_server.transport.zmtp.frames import Pieces


class Message(msgspec.Struct, frozen=True):
    """A message as it came: `body` is one frame when it is well made."""

    envelope: tuple[bytes, ...]
    body: tuple[bytes, ...]

    def reply(self, data: Pieces) -> list[bytes | Pieces]:
        """The frames that bring `data` back to the client."""
        return [*self.envelope, data]


def split(frames: Sequence[bytes]) -> Message:
    """Part the envelope (all up to an empty delimiter) from the body.

    An empty last frame delimits nothing: it is an empty request.
    """
    end = frames.index(b"") + 1 if b"" in frames[:-1] else 0
    return Message(tuple(frames[:end]), tuple(frames[end:]))
