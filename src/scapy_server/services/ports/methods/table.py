"""All methods of the ports service."""

from __future__ import annotations

from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods import (
    about,
    attributes,
    capturing,
    flows,
    groups,
    owning,
    playing,
    receiving,
    session,
    statistics,
    status,
    streams,
    traffic,
)

METHODS: tuple[Method, ...] = (
    *session.METHODS,
    *about.METHODS,
    *owning.METHODS,
    *status.METHODS,
    *attributes.METHODS,
    *receiving.METHODS,
    *streams.METHODS,
    *traffic.METHODS,
    *playing.METHODS,
    *statistics.METHODS,
    *flows.METHODS,
    *capturing.METHODS,
    *groups.METHODS,
)
