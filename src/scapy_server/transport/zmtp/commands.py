"""Commands: a name, and what comes with it.

Source: ZeroMQ RFC 23/ZMTP, "Commands", "Metadata".
"""

from __future__ import annotations

import struct

from scapy_server.transport.zmtp.frames import COMMAND, ProtocolError, header

_VALUE = struct.Struct(">I")


def command(name: bytes, content: bytes = b"") -> bytes:
    """A command as a frame."""
    body = bytes([len(name)]) + name + content
    return header(len(body), COMMAND) + body


def parse(body: bytes) -> tuple[bytes, bytes]:
    """Name and content of a command."""
    end = 1 + body[0] if body else 0
    if not 1 < end <= len(body):
        raise ProtocolError("handshake", "a command without a name")
    return body[1:end], body[end:]


def properties(metadata: bytes) -> dict[bytes, bytes]:
    """Properties by their names in lower case, which is how names are compared."""
    found = {}
    position = 0
    while position < len(metadata):
        name_end = position + 1 + metadata[position]
        value = name_end + _VALUE.size
        if value > len(metadata):
            raise ProtocolError("handshake", "metadata that end too early")
        end = value + _VALUE.unpack_from(metadata, name_end)[0]
        if end > len(metadata):
            raise ProtocolError("handshake", "metadata that end too early")
        found[metadata[position + 1 : name_end].lower()] = metadata[value:end]
        position = end
    return found


def metadata(socket_type: bytes) -> bytes:
    """What this side tells of itself."""
    return _property(b"Socket-Type", socket_type) + _property(b"Identity", b"")


def _property(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + _VALUE.pack(len(value)) + value
