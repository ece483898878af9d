"""Where to listen, and what address to tell the operator."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

ANY = "*"

# Documentation addresses (RFC 5737, RFC 3849). Connecting a UDP socket sends nothing; it
# only asks the routing table which of the host's addresses would be used.
_OUTSIDE = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))


def endpoint(host: str, port: int) -> str:
    """The ZeroMQ endpoint to bind; OSError when `host` is a name that means nothing.

    `host` is `*`, an address, the name of an interface or of this host.
    """
    if host != ANY and not _is_interface(host):
        host = _numeric(host)
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def wants_ipv6(bind_endpoint: str) -> bool:
    """Whether the socket must speak IPv6: for its addresses, and for `*`, which is both."""
    return bind_endpoint.startswith(("tcp://[", f"tcp://{ANY}:"))


def parse_endpoint(bound: str) -> tuple[str, int]:
    """Address and port of the endpoint that a socket reports as its own."""
    address, _, port = bound.removeprefix("tcp://").rpartition(":")
    return address.strip("[]"), int(port)


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
