"""Copying a capture with some of its packets changed, and every other byte as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scapy_server.captures.reading import Capture
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import located

#: What becomes of a packet: the same record, another one, or None if it is dropped.
Change = Callable[[PacketRecord], PacketRecord | None]


def edited(capture: Capture, change: Change) -> Iterator[bytes]:
    """The (uncompressed) bytes of a capture in its own format, packet by packet.

    Records that `change` returns as they are keep every byte, and so does what is no packet:
    descriptions of interfaces, names, options, damage at the end. Raises RefusedError as
    `Capture`, and located, for a changed packet that the format cannot hold.
    """
    for piece in capture.pieces():
        record = piece.record
        if record is None:
            yield piece.raw
            continue
        with located(f"packet {record.number}"):
            changed = change(record)
            if changed is record:
                yield piece.raw
            elif changed is not None:
                yield piece.rewritten(changed)
