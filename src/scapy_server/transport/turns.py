"""Whose turn it is to be heard: one place after the other, and of each its connections in turn.

So who has opened many connections is heard no more often than who has one, if they come from
different places. Within a place those come first, every other time at least, that wanted nothing
until now and send one thing at a time: who does not wait for answers waits behind who is modest,
also when all that it has sent was heard meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass
class _Rows:
    """The connections of a place, by number: those that come anew, and those with more to say."""

    anew: OrderedDict[int, None] = field(default_factory=OrderedDict)
    more: OrderedDict[int, None] = field(default_factory=OrderedDict)
    anew_was_last: bool = False

    def pop(self) -> int:
        """Whose turn it is."""
        anew = self.anew and not (self.anew_was_last and self.more)
        self.anew_was_last = bool(anew)
        number, _ = (self.anew if anew else self.more).popitem(last=False)
        return number


class Turns:
    """Connections that want to be heard, by their numbers."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Rows] = OrderedDict()
        self._of: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._of)

    def add(self, number: int, place: str, more: bool = False) -> None:
        """Let a connection have its turn, if it does not wait for it yet; it may have `more`."""
        if number in self._of:
            return
        self._of[number] = place
        rows = self._places.get(place)
        if rows is None:
            rows = self._places[place] = _Rows()
        (rows.more if more else rows.anew)[number] = None

    def next(self) -> int | None:
        """Whose turn it is, which ends thereby; None if nobody waits."""
        if not self._of:
            return None
        place, rows = next(iter(self._places.items()))
        number = rows.pop()
        del self._of[number]
        if rows.anew or rows.more:
            self._places.move_to_end(place)
        else:
            del self._places[place]
        return number

    def remove(self, number: int) -> None:
        """Forget a connection, if it waits."""
        place = self._of.pop(number, None)
        if place is None:
            return
        rows = self._places[place]
        (rows.anew if number in rows.anew else rows.more).pop(number)
        if not rows.anew and not rows.more:
            del self._places[place]
