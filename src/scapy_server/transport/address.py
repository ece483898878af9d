"""Where to listen, and what address to tell the operator."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import socket
import struct
from typing import cast

SocketAddress = tuple[str, int] | tuple[str, int, int, int]

ANY = "*"
_SIOCGIFADDR = 0x8915  # "what is the address of this interface", netdevice(7)

# Documentation addresses (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing; it
# only asks the routing table which of the host's addresses would be used.
_OUTSIDE = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))


def bindable(host: str, port: int) -> tuple[socket.AddressFamily, SocketAddress]:
    """Family and address to bind; OSError when `host` is a name that means nothing.

    `host` is `*`, an address, the name of an interface or of this host.
    """
    if host == ANY:
        return (socket.AF_INET6, ("::", port)) if socket.has_ipv6 else (socket.AF_INET, ("", port))
    place = _address_of_interface(host) if _is_interface(host) else _numeric(host)
    family, _, _, _, bound = socket.getaddrinfo(
        place, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    return family, cast(SocketAddress, bound)


def reachable_address(bound_address: str) -> str:
    """The address by which clients reach a socket bound to `bound_address`."""
    with contextlib.suppress(ValueError):
        if not ipaddress.ip_address(bound_address.partition("%")[0]).is_unspecified:
            return bound_address
    for family, outside in _OUTSIDE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))
            return str(probe.getsockname()[0])
    return "127.0.0.1"


def _is_interface(host: str) -> bool:
    try:
        socket.if_nametoindex(host)
    except (OSError, ValueError):
        return False
    return True


def _address_of_interface(name: str) -> str:
    """Its IPv4 address; OSError if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        answer = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("16s16x", name.encode()))
    return socket.inet_ntoa(answer[20:24])


def _numeric(host: str) -> str:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return host
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("not the name of a host") from None
    # IPv4 where the name has both, as clients that know only IPv4 would look for it there.
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0])
