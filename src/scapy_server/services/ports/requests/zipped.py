"""The compression of messages that TRex's clients use, "zipped message".

Two big-endian words in front, a magic number and the length of the text, then a zlib stream.

Source: docs/ports.md, "Messages"; RFC 1950, section 2.2.
"""

from __future__ import annotations

import struct
import zlib

_HEADER = struct.Struct(">II")
_MAGIC = 0xABE85CEA


class TooLarge(Exception):
    """The text has, or would have, more bytes than are taken; `size` says how many."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def is_zipped(message: bytes) -> bool:
    """Whether a message says that it is compressed."""
    return len(message) >= _HEADER.size and _HEADER.unpack_from(message)[0] == _MAGIC


def unzipped(message: bytes, most: int) -> bytes:
    """The text of a message; what is not compressed after all is text as it stands.

    Raises TooLarge when the message or its text has more than `most` bytes.
    """
    if len(message) > most:
        raise TooLarge(len(message))
    if not is_zipped(message):
        return message
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(message[_HEADER.size :], most + 1)
    except zlib.error:
        return message
    if len(text) > most:
        raise TooLarge(max(_HEADER.unpack_from(message)[1], len(text)))
    return text if stream.eof else message


def zipped(text: bytes) -> bytes:
    """The message of a text."""
    return _HEADER.pack(_MAGIC, len(text)) + zlib.compress(text)
