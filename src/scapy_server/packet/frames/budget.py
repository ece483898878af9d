"""How much may be read to dissect one packet, in units that every machine counts alike.

A few bytes can stand for thousands of records, and each of them may be read again and again:
so what counts is records (packets within fields), and the bytes of all pieces that dissectors
take out of a layer.

Source: docs/captures.md, "What is wrong with a packet".
"""

from __future__ import annotations

from scapy_server import limits

#: What taking a piece costs besides its bytes.
_PIECE = 64
_NO_BOUND = 1 << 62


class OverBudget(BaseException):
    """More was to be read than a packet may cost.

    No `Exception`: dissectors go on with the next record after one of those.
    """


class Budget:
    """What is left to be read of a packet."""

    __slots__ = ("_bytes", "_records")

    def __init__(self) -> None:
        self._records = int(limits.READ_RECORDS)
        self._bytes = int(limits.READ_BYTES)

    def read_record(self) -> None:
        """Count a packet within a field; raises OverBudget."""
        self._records -= 1
        if self._records < 0:
            raise OverBudget(f"it has more than {int(limits.READ_RECORDS)} records")

    def read_piece(self, length: int) -> None:
        """Count a piece that was taken of a layer; raises OverBudget."""
        self._bytes -= length + _PIECE
        if self._bytes < 0:
            raise OverBudget(f"to read it takes more than {int(limits.READ_BYTES)} bytes")

    def close(self) -> None:
        """Count no more: what was read is looked at from now on, as often as anyone likes."""
        self._records = self._bytes = _NO_BOUND
