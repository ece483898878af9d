"""Copying a capture with some of its packets changed, and every other byte as it is.

A packet may become another one, several (as fragments of it) or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scapy_server.captures.reading import Capture
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import located

#: What becomes of a packet: the records in its place, itself as it is where nothing changes.
Change = Callable[[PacketRecord], Sequence[PacketRecord]]


def edited(capture: Capture, change: Change) -> Iterator[bytes]:
    """The (uncompressed) bytes of a capture in its own format, packet by packet.

    A record that `change` gives back as it is keeps every byte, and so does what is no packet:
    descriptions of interfaces, names, options, damage at the end. Raises RefusedError as
    `Capture`, and located, for a changed packet that the format cannot hold.
    """
    for piece in capture.pieces():
        record = piece.record
        if record is None:
            yield piece.raw
            continue
        with located(f"packet {record.number}"):
            for changed in change(record):
                yield piece.raw if changed is record else piece.rewritten(changed)
