"""The socket that clients connect to."""

from __future__ import annotations

import socket

from scapy_server.transport import address

BACKLOG = 4096


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on this host (`*` is all of them) and port (0 is any free one).

    Raises OSError, also when `host` is a name that means nothing.
    """
    family, place = address.bindable(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
