"""The capture that was read last: whoever reads one in parts sends it again for each of them.

So the next part is found without unpacking and walking through all that comes before it. What a
part holds, and where it ends, does not depend on that.

Source: docs/captures.md, "Reading in parts"; docs/limits.md, "Limits".
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server import limits
from scapy_server.captures.records import PacketRecord

#: What a record takes besides its packet's bytes.
_RECORD_BYTES = 256


@dataclass(frozen=True, slots=True)
class WalkedCapture:
    """All packets of a capture that was read to its end, and why it ends there if it is damaged."""

    records: tuple[PacketRecord, ...]
    damage: str | None


class LastCapture:
    """Remembers one capture by the text that it came as, if it is not too large."""

    def __init__(self) -> None:
        self._text = ""
        self._capture: WalkedCapture | None = None

    def get(self, text: str) -> WalkedCapture | None:
        """The capture of a text, None if it is another one's."""
        return self._capture if text == self._text else None

    def keep(self, text: str, capture: WalkedCapture) -> None:
        """Remember a capture instead of the one before, unless it takes too much memory."""
        size = len(text) + sum(len(record.data) + _RECORD_BYTES for record in capture.records)
        if size <= limits.REMEMBERED_CAPTURE_BYTES:
            self._text, self._capture = text, capture
