"""How much may be read to dissect one packet, in units that every machine counts alike.

A few bytes can stand for thousands of records, and each of them may be read again and again:
so what counts is records (packets within fields), their fields and those of the layers, and
the bytes of all pieces that dissectors take out of a layer; of each alone, and of all together.

Source: docs/captures.md, "What is wrong with a packet".
"""

from __future__ import annotations

from contextvars import ContextVar, Token

from scapy_server import limits

#: What taking a piece costs besides its bytes.
PIECE = 64
#: So many bytes take as long to be taken as a field does to be read and shown.
_BYTES_OF_A_FIELD = 512
#: A layer or a record takes as long as so many fields, besides those that it has.
_FIELDS_OF_A_PACKET = 4
_NO_BOUND = 1 << 62


class OverBudget(BaseException):
    """More was to be read than a packet may cost.

    No `Exception`: dissectors go on with the next record after one of those.
    """


class Budget:
    """What is left to be read of a packet, or a `part` of that.

    Within `with` it is the budget of whatever reads plain bytes: what is dissected of them within
    a layer is of the same packet.
    """

    __slots__ = ("_before", "_bytes", "_fields", "_part", "_plain", "_records", "_spent", "_work")

    def __init__(self, part: int = 1) -> None:
        self._part = part
        self._before: list[Token[Budget | None]] = []
        self._spent: int | None = None
        self._records = limits.READ_RECORDS // part
        self._fields = limits.READ_FIELDS // part
        self._plain = 0
        self._bytes = limits.READ_BYTES // part
        self._work = limits.READ_WORK * _BYTES_OF_A_FIELD // part

    def read_record(self, fields: int) -> None:
        """Count a packet within a field, which has so many fields; raises OverBudget."""
        self._records -= 1
        if self._records < 0:
            raise OverBudget(f"it has more than {int(limits.READ_RECORDS)} records")
        self.read_layer(fields)

    def read_layer(self, fields: int) -> None:
        """Count a layer, which has so many fields; raises OverBudget."""
        self._work -= _FIELDS_OF_A_PACKET * _BYTES_OF_A_FIELD
        self.read_fields(fields)

    def read_fields(self, count: int) -> None:
        """Count fields of a layer or record; raises OverBudget."""
        self._fields -= count
        self._work -= count * _BYTES_OF_A_FIELD
        if self._fields < 0:
            raise OverBudget(f"with it the packet has more than {int(limits.READ_FIELDS)} fields")
        self._check_work()

    def read_plain(self, count: int, made: int = 0) -> None:
        """Count fields of bytes that tell no place, and such as were made to read them.

        Raises OverBudget.
        """
        self._plain += count + made
        self.read_fields(count)

    def read_piece(self, length: int) -> None:
        """Count a piece that was taken of a layer; raises OverBudget."""
        taken = length + PIECE
        self._bytes -= taken
        self._work -= taken
        if self._bytes < 0:
            raise OverBudget(f"to read it takes more than {int(limits.READ_BYTES)} bytes")
        if self._work < 0:
            self._check_work()

    def _check_work(self) -> None:
        if self._work < 0:
            raise OverBudget(f"to read all of it takes as long as {int(limits.READ_WORK)} fields")

    @property
    def spent(self) -> int:
        """What was read, as about so many fields, until nothing is counted any more."""
        if self._spent is not None:
            return self._spent
        return sum(self.read) + self.taken // _BYTES_OF_A_FIELD

    @property
    def taken(self) -> int:
        """The bytes of all pieces that were taken, with what a piece costs besides."""
        return limits.READ_BYTES // self._part - self._bytes

    @property
    def read(self) -> tuple[int, int]:
        """How many records were read, and how many fields."""
        records = limits.READ_RECORDS // self._part - self._records
        return records, limits.READ_FIELDS // self._part - self._fields

    @property
    def plain(self) -> int:
        """How many of the fields were of bytes that tell no place, with those that were made."""
        return self._plain

    def close(self) -> None:
        """Count no more: what was read is looked at from now on, as often as anyone likes."""
        self._spent = self.spent
        self._records = self._fields = self._bytes = self._work = _NO_BOUND

    def __enter__(self) -> Budget:
        self._before.append(_reading.set(self))
        return self

    def __exit__(self, *raised: object) -> None:
        _reading.reset(self._before.pop())


_reading: ContextVar[Budget | None] = ContextVar("_reading", default=None)


def being_read() -> Budget | None:
    """The budget of the packet that is being read, None while none is."""
    return _reading.get()


def count_fields(count: int) -> None:
    """Count fields of plain bytes that a layer holds, if one is being read; raises OverBudget."""
    budget = _reading.get()
    if budget is not None:
        budget.read_plain(count)
