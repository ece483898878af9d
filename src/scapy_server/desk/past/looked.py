"""The packets of a document that somebody has looked at lately, with their field trees."""

from __future__ import annotations

from collections import OrderedDict

from scapy_server import limits
from scapy_server.desk.packet import Packet
from scapy_server.desk.past.history import Key


class Looked:
    """Packets by their keys, the latest last; at most so many: the one that was asked for longest
    ago goes first, and is asked for again when somebody looks.
    """

    def __init__(self, most: int = limits.EDITOR_TREES) -> None:
        self._most = most
        self._packets: OrderedDict[Key, Packet] = OrderedDict()

    def __len__(self) -> int:
        return len(self._packets)

    def get(self, key: Key) -> Packet | None:
        """The packet, if it is held; it goes last then."""
        found = self._packets.get(key)
        if found is not None:
            self._packets.move_to_end(key)
        return found

    def put(self, key: Key, packet: Packet) -> None:
        """Hold a packet with its tree, or with the reason why it has none."""
        self._packets.pop(key, None)
        if packet.layers or packet.problem is not None:
            self._packets[key] = packet
        while len(self._packets) > self._most:
            self._packets.popitem(last=False)

    def forget(self, key: Key) -> None:
        """Hold a packet no more."""
        self._packets.pop(key, None)
