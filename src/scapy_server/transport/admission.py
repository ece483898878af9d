"""How many connections there may be: in all, of an address, and new ones in a second.

The bounds are generous, as many people may stand behind one proxy. Addresses of IPv6 are
taken by their first 64 bits, which is what one customer has.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass
from operator import itemgetter

from scapy_server import limits


@dataclass
class _Bucket:
    """How many more connections an address may open now; it refills with time."""

    left: float
    at: float


class Admission:
    """Counts connections; `capacity` is how many there may be. Times are monotonic seconds."""

    def __init__(self, capacity: int) -> None:
        self.capacity = min(capacity, limits.CONNECTIONS)
        self.count = 0
        self._of: Counter[str] = Counter()
        self._buckets: dict[str, _Bucket] = {}

    def refusal(self, address: str) -> str | None:
        """Why a connection from this place is not taken, in a word; None if it may be."""
        if self._of[address] >= limits.CONNECTIONS_OF_AN_ADDRESS:
            return "address_connections"
        if self.count >= self.capacity:
            return "connections"
        return None

    def may_open(self, address: str, now: float) -> bool:
        """Whether this place opens no more connections than it may; this one is counted."""
        rate = float(limits.NEW_CONNECTIONS_OF_AN_ADDRESS)
        bucket = self._buckets.setdefault(address, _Bucket(rate, now))
        bucket.left = min(rate, bucket.left + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def crowd_beside(self, address: str) -> str | None:
        """The place with most connections, None if this one would soon have as many."""
        place, most = max(self._of.items(), key=itemgetter(1), default=("", 0))
        return place if most > self._of[address] + 1 else None

    def entered(self, address: str) -> None:
        """A connection from this place was taken."""
        self.count += 1
        self._of[address] += 1

    def left(self, address: str) -> None:
        """A connection that was taken has ended."""
        self.count -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]

    def tick(self, now: float) -> None:
        """Forget the addresses that have opened nothing for a second."""
        for address, bucket in list(self._buckets.items()):
            if now > bucket.at + 1:
                del self._buckets[address]

    @property
    def is_scarce(self) -> bool:
        """Whether few more connections can be taken."""
        return self.count >= self.capacity * 7 // 8


def place_of(address: str) -> str:
    """What of an address counts as one place."""
    if ":" not in address:
        return address
    try:
        number = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(number) >> 64 << 64, 64)))
