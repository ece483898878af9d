"""Who may connect: addresses and keys, asked before a message is read; and who was refused.

ZeroMQ asks over an inproc socket (ZAP, RFC 27) when a connection begins, and tells by a
monitor socket of handshakes that failed. Both are sockets of the front's own loop.
"""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import recv_monitor_message

from scapy_server.server.log import logger
from scapy_server.transport.keys import ServerKeys

_ZAP_ENDPOINT = "inproc://zeromq.zap.01"
_DOMAIN = b"scapy-server"
_EVENTS_AT_ONCE = 100
_FAILURES = (
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_ACCEPT_FAILED
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks of addresses or CIDR prefixes; ValueError says which one is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@dataclass(frozen=True)
class Rules:
    """Who may connect: from these networks (none: from all), with a known key if there are keys."""

    networks: tuple[Network, ...] = ()
    keys: ServerKeys | None = None

    def refusal(self, address: str, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
        """Why a connection is refused, in few words that can be counted; None if it is not."""
        if self.networks and not self._is_allowed(address):
            return "address"
        if self.keys is not None and (
            mechanism != b"CURVE" or not credentials or credentials[0] not in self.keys.clients
        ):
            return "key"
        return None

    def _is_allowed(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)


class Gate:
    """Enforces rules on a socket, and counts in `refused` whom it did not let in."""

    def __init__(self, socket: zmq.Socket[bytes], rules: Rules, refused: Counter[str]) -> None:
        self._socket = socket
        self._rules = rules
        self._refused = refused
        self.monitor = socket.get_monitor_socket(_FAILURES)
        self.zap: zmq.Socket[bytes] | None = None
        if rules.networks or rules.keys is not None:
            self.zap = socket.context.socket(zmq.ROUTER)
            self.zap.linger = 0
            self.zap.bind(_ZAP_ENDPOINT)
            socket.setsockopt(zmq.ZAP_DOMAIN, _DOMAIN)
        if rules.keys is not None:
            socket.curve_server = True
            socket.curve_publickey = rules.keys.public
            socket.curve_secretkey = rules.keys.secret

    def decide(self) -> None:
        """Answer the questions about connections that have come."""
        while self.zap is not None:
            try:
                frames = self.zap.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            # Sent by ZeroMQ itself: identity, "", version, request id, domain, address,
            # identity, mechanism, credentials (RFC 27, "ZAP Request").
            peer, delimiter, version, number, _, address, _, mechanism, *credentials = frames
            text = address.decode("ascii", "replace")
            reason = self._rules.refusal(text, mechanism, credentials)
            if reason is not None:
                self._count(reason, text)
            verdict = (b"200", b"OK") if reason is None else (b"400", b"refused")
            self.zap.send_multipart([peer, delimiter, version, number, *verdict, b"", b""])

    def watch(self) -> None:
        """Count the handshakes that failed since the last time, so many of them at once.

        For want of descriptors ZeroMQ tries to accept a connection without end. To unbind
        meanwhile is no way out: that ends the connections of those who are in.
        """
        for _ in range(_EVENTS_AT_ONCE):
            try:
                event = recv_monitor_message(self.monitor, zmq.NOBLOCK)
            except zmq.Again:
                return
            if event["event"] == zmq.EVENT_ACCEPT_FAILED:
                self._count("accept", "")
            elif event["event"] != zmq.EVENT_HANDSHAKE_FAILED_AUTH:  # counted by `decide`
                self._count("handshake", "")

    def _count(self, reason: str, address: str) -> None:
        self._refused[reason] += 1
        number = self._refused[reason]
        if number & (number - 1) == 0:  # the 1st, 2nd, 4th, …: no flood of lines
            who = f" from {address}" if address else ""
            # Scanners and health checks do not finish a handshake; that is no news.
            level = logging.INFO if reason == "handshake" else logging.WARNING
            logger.log(level, "refused a connection%s: %s (%d so far)", who, reason, number)

    def close(self) -> None:
        """Close the sockets of the gate, before the socket that it guards."""
        self._socket.disable_monitor()
        self.monitor.close(linger=0)
        if self.zap is not None:
            self.zap.close(linger=0)
