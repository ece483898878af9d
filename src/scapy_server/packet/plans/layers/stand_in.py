"""Asking a layer's class what follows the layer, without reading the layer again.

Where a payload ends and which class reads it is told by methods of Scapy's classes. So these are
asked, and nothing is assumed of them: a **stand-in** is a packet whose fields have the values
of whatever header it is asked about. What else it might be asked for is **untold**: then the
long way has to be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NoReturn

from scapy.fields import FlagValue
from scapy.packet import NoPayload, Packet, Raw

from scapy_server.packet.frames.tracer import chosen, is_final
from scapy_server.packet.layers.bindings import Checked
from scapy_server.packet.layers.scapy_state import between
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot, Slot
from scapy_server.packet.plans.watching import names_of_default, selecting_values

#: So many choices of one layer are remembered.
_MOST_CHOICES = 1024


class Untold(BaseException):
    """Something was looked at that a layer alone does not tell.

    No `Exception`: Scapy's classes go on after one of those. A few go on after any, so all are
    counted.
    """

    count: ClassVar[int] = 0

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        Untold.count += 1


class Unknown:
    """Stands for what is around a layer. Whoever looks at it is stopped."""

    def __getattribute__(self, name: str) -> Any:
        raise Untold(name)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise Untold(name)

    def _untold(self, *given: object) -> NoReturn:
        raise Untold

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __eq__ = _untold
    __hash__ = object.__hash__


#: What is below a layer, and what it carries.
UNKNOWN: Any = Unknown()


class Below(Unknown):
    """Stands for a layer below another: of a class, with fields that are `told`, on a `lower` one.

    Where nobody tells them, the class is all that is known.
    """

    def __init__(
        self,
        cls: type[Packet],
        told: Callable[[str], Any] | None = None,
        lower: Below | None = None,
    ) -> None:
        object.__setattr__(self, "_state", (cls, told, lower))

    def __getattribute__(self, name: str) -> Any:
        cls, told, lower = object.__getattribute__(self, "_state")
        if name == "__class__":
            return cls
        if told is None:
            raise Untold(name)
        return lower if name == "underlayer" else told(name)


def field_of(packet: Packet, name: str) -> Any:
    """What a layer says that is asked for one of its fields; of all else nothing is told."""
    if name not in packet.fieldtype:
        raise Untold(name)
    return getattr(packet, name)


class Values(dict[str, Any]):
    """The values of a header of `size` bytes: those of its structure, and what its `bits` say.

    `said` are the fields that are shown from its bits, of which bytes are not told.
    """

    def __init__(self, values: Mapping[str, Any], said: Mapping[str, Slot], size: int) -> None:
        super().__init__(values)
        self.bits = 0
        self._tellers = {name: _teller(slot, values[name], size) for name, slot in said.items()}

    def told(self, name: str) -> Any:
        """What the header says."""
        return self._tellers[name](self.bits)

    def __getitem__(self, name: str) -> Any:
        return self.told(name) if name in self._tellers else super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict."""
        try:
            return self[name]
        except KeyError:
            return default

    def _all(self, *given: object) -> NoReturn:
        raise Untold

    keys = values = items = copy = __iter__ = _all


def _teller(slot: Slot, value: Any, size: int) -> Callable[[int], Any]:
    """Makes the value that Scapy keeps of a slot from a header's bits; `value` is one of them."""
    shift = 8 * (size - slot.stop)
    if isinstance(slot, NumberSlot):
        shift, mask = shift + slot.shift, (1 << slot.bits) - 1
        if isinstance(value, FlagValue):
            return lambda bits: FlagValue(bits >> shift & mask, value.names)
        return lambda bits: bits >> shift & mask
    length = slot.stop - slot.start
    mask, alone = (1 << 8 * length) - 1, AddressSlot(0, length)

    def told(bits: int) -> str:
        if isinstance(slot, BytesSlot):
            raise Untold
        shown = alone.show(bytearray((bits >> shift & mask).to_bytes(length, "big")))[0]
        return shown[1:-1].decode()

    return told


class StandIn:
    """A layer of a known structure, which is asked what follows it in one frame after the other."""

    def __init__(
        self,
        packet: Packet,
        values: Values,
        said: Iterable[str],
        length_from: Callable[[Packet], int] | None = None,
    ) -> None:
        between(packet, values, UNKNOWN, NoPayload())
        cls = type(packet)
        self._standing: Any = Below(cls)
        self._packet, self._values, self._length_from = packet, values, length_from
        self._splits = cls.extract_padding is not Packet.extract_padding
        asked = names_of_default(cls)
        self._binds = asked is not None
        self._asked = [name for name in said if name in (asked or ())]
        self._selecting = [
            (name, selecting) for name in said if (selecting := selecting_values(cls, name))
        ]
        self._choices: dict[tuple[int | str | None, ...], Any] = {}

    def stand_for(self, bits: int) -> None:
        """Be asked about a layer with this header from now on."""
        self._values.bits = bits

    def field_of(self, bits: int, name: str) -> Any:
        """What the layer with a header says that is asked for one of its fields."""
        before, self._values.bits = self._values.bits, bits
        try:
            return field_of(self._packet, name)
        finally:
            self._values.bits = before

    def tail_size(self, left: int) -> int:
        """How much of what is `left` behind the header the layer's last field takes."""
        if self._length_from is None:
            return left
        return min(left, self._length_from(self._packet))

    def payload_size(self, rest: bytes) -> int:
        """How much of what follows the layer is the layer's payload; the others are padding."""
        if not self._splits:
            return len(rest)
        payload, padding = self._packet.extract_padding(rest)
        size = len(payload or b"")
        if size and not rest.startswith(payload):
            raise Untold
        if (size or padding) and size + len(padding or b"") != len(rest):
            raise Untold
        return size

    def payload_class(self, payload: bytes) -> type[Packet]:
        """The class that reads the payload."""
        try:
            guessed = self._guess(payload)
            if isinstance(guessed, Checked):
                guessed = guessed.chosen(payload)
            if isinstance(guessed, type):
                if is_final(guessed):
                    return guessed
                return chosen(guessed, payload, self._standing)
        except Exception:
            return Raw  # as the tracer does
        raise Untold  # it makes the whole layer to tell its class

    def _guess(self, payload: bytes) -> Any:
        if not self._binds:
            return self._packet.guess_payload_class(payload)
        told = self._values.told
        key = tuple(
            [
                value if (value := told(name)) in selecting else None
                for name, selecting in self._selecting
            ]
            + [told(name) for name in self._asked]
        )
        guessed = self._choices.get(key)
        if guessed is None:
            guessed = self._packet.guess_payload_class(payload)
            if len(self._choices) < _MOST_CHOICES:
                self._choices[key] = guessed
        return guessed
