"""The parameters of instructions: what clients are told of each, and how it is read.

A `Parameter` belongs to its id, which several instructions share: its display name,
its type for clients, the value that clients show first, its choices. What an instruction
adds of its own (default, help) is an `Argument`, kept on the field of the instruction
class by `argument`.

Types for clients are those that the packet editor knows.

Source: RPC document, "Field Engine VM instruction model".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from scapy_server import limits
from scapy_server.errors import RefusedError, shown
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs import places, values
from scapy_server.programs.places import CurrentFieldId, as_given
from scapy_server.programs.values import Evaluate
from scapy_server.wording import json_type


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a program may ask.

    The packet (None: places are numbers only), the value of an expression, and the
    current id of a field that a layer once had under another one.
    """

    packet: BuiltPacket | None
    evaluate: Evaluate
    current_field_id: CurrentFieldId = as_given


class Kind(Enum):
    """How the value of a parameter is read."""

    NAME = "the name of a variable"
    INTEGER = "a whole number"
    QUANTITY = "a whole number, an IPv4 or a MAC address"
    TRUTH = "true or false"
    LIST = "a list of whole numbers or IPv4 addresses"
    WORD = "one of its choices"
    NUMBER_CHOICE = "one of its choices, a number"
    FIELD = "a field or a byte number"
    LAYER = "a layer or a byte number"


@dataclass(frozen=True)
class Parameter:
    """What a parameter id means, whichever instruction uses it.

    `shown` is the value that clients put in the form first (None: they leave it empty);
    `bounds` hold the numbers that it may be, where that depends on nothing else.
    `further_choices` are accepted, but not offered.
    """

    id: str
    name: str
    kind: Kind
    client_type: str
    shown: str | int | None
    choices: Mapping[str, str] = field(default_factory=dict)
    further_choices: tuple[str, ...] = ()
    required: bool = False
    editable: bool = False
    bounds: range | None = None

    def read(self, value: object, context: Context) -> Any:
        """The value as the instruction classes hold it; raises RefusedError."""
        expected = self.expected
        match self.kind:
            case Kind.NAME:
                return _name(value)
            case Kind.INTEGER:
                return self._bounded(values.integer(value, expected), expected)
            case Kind.QUANTITY:
                return self._bounded(values.quantity(value, expected), expected)
            case Kind.TRUTH:
                return values.truth(value)
            case Kind.LIST:
                return values.quantities(value, context.evaluate)
            case Kind.FIELD:
                return places.field_place(value, context.packet, context.current_field_id)
            case Kind.LAYER:
                return places.layer_place(value, context.packet)
            case Kind.NUMBER_CHOICE:
                number = values.integer(value, expected)
                return self._chosen(number, map(int, self._all_choices))
            case Kind.WORD:
                return self._chosen(value, self._all_choices)

    @property
    def _all_choices(self) -> tuple[str, ...]:
        return (*self.choices, *self.further_choices)

    def _bounded(self, number: int, expected: str) -> int:
        if self.bounds is not None and number not in self.bounds:
            raise RefusedError(f"{shown(number)} is not {expected}")
        return number

    def _chosen(self, value: object, choices: Iterable[object]) -> object:
        if not isinstance(value, str | int) or value not in choices:
            raise RefusedError(f"{shown(value)} is not {self.expected}")
        return value

    @cached_property
    def expected(self) -> str:
        """What a value may be, as refusals say it."""
        if self.kind in (Kind.WORD, Kind.NUMBER_CHOICE):
            *others, last = self._all_choices
            return f"one of {', '.join(others)} or {last}"
        if self.bounds is not None:
            return f"{self.kind.value} from {self.bounds[0]} to {self.bounds[-1]}"
        return str(self.kind.value)


def _name(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64:
        return f"{value}"
    if not isinstance(value, str):
        raise RefusedError(f"a variable's name is text, not {json_type(value)}")
    if not value:
        raise RefusedError("a variable needs a name, this one is empty")
    limits.FIELD_ENGINE_NAME_CHARACTERS.check(len(value))
    return value


REQUIRED = object()


@dataclass(frozen=True)
class Argument:
    """A parameter in an instruction: `default` is REQUIRED where there is none.

    A default of None is computed from the other parameters; `help` says how.
    """

    parameter: Parameter
    help: str
    default: Any

    @property
    def required(self) -> bool:
        """Whether the instruction cannot do without a value."""
        return self.default is REQUIRED

    def read(self, raw: object, context: Context) -> Any:
        """The value of the parameter, or its default; raises RefusedError."""
        value = values.unpack(raw, context.evaluate)
        if value is None and not self.required:
            return self.default
        if value is None:
            raise RefusedError(f"a value is needed: {self.parameter.expected}")
        if self.default is None and self._means_default(value):
            return None
        return self.parameter.read(value, context)

    def _means_default(self, value: object) -> bool:
        if self.parameter.kind is Kind.NAME:
            return value == ""  # "None" may be a variable's name, see compile
        return values.is_none_text(value)


def argument(parameter: Parameter, help_text: str, default: Any = REQUIRED) -> Any:
    """The field of an instruction class that holds a parameter."""
    metadata = {"argument": Argument(parameter, help_text, default)}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


_INT32 = range(-(2**31), 2**31)
_UINT16, _UINT32, _UINT64 = range(2**16), range(2**32), range(2**64)
_TRUTH = {"true": "true", "false": "false"}

NAME = Parameter("name", "Name", Kind.NAME, "ENUM", "Not defined", required=True, editable=True)
FV_NAME = Parameter(
    "fv_name", "Variable name", Kind.NAME, "ENUM", None, required=True, editable=True
)
NEXT_VAR = Parameter("next_var", "Next variable", Kind.NAME, "ENUM", "", editable=True)
SPLIT_TO_CORES = Parameter(
    "split_to_cores", "Split to cores", Kind.TRUTH, "ENUM", "true", choices=_TRUTH
)
INIT_VALUE = Parameter("init_value", "Initial value", Kind.QUANTITY, "STRING", "0", bounds=_UINT64)
MIN_VALUE = Parameter("min_value", "Minimum value", Kind.QUANTITY, "STRING", "0", bounds=_UINT64)
MAX_VALUE = Parameter("max_value", "Maximum value", Kind.QUANTITY, "STRING", "0", bounds=_UINT64)
STEP = Parameter("step", "Step", Kind.QUANTITY, "NUMBER", "1", bounds=_UINT64[1:])
VALUE_LIST = Parameter("value_list", "Value list", Kind.LIST, "EXPRESSION", "None")
OP = Parameter(
    "op",
    "Operation",
    Kind.WORD,
    "ENUM",
    "inc",
    choices={"dec": "Decrement", "inc": "Increment", "random": "Random"},
    required=True,
)
SIZE = Parameter(
    "size",
    "Variable size",
    Kind.NUMBER_CHOICE,
    "ENUM",
    "4",
    choices={size: size for size in ("1", "2", "4", "8")},
)
LIMIT = Parameter("limit", "Limit", Kind.INTEGER, "NUMBER", 100, bounds=_UINT32[1:])
SEED = Parameter("seed", "Seed", Kind.INTEGER, "String", "None", bounds=_UINT64)
PKT_OFFSET = Parameter(
    "pkt_offset", "Packet offset", Kind.FIELD, "ENUM", 0, required=True, editable=True
)
OFFSET = Parameter("offset", "Offset", Kind.LAYER, "ENUM", 0, required=True, editable=True)
OFFSET_FIXUP = Parameter(
    "offset_fixup", "Offset fix-up", Kind.INTEGER, "NUMBER", 0, bounds=range(1 - 2**16, 2**16)
)
ADD_VAL = Parameter("add_val", "Value to add", Kind.INTEGER, "NUMBER", 0, bounds=_INT32)
ADD_VALUE = Parameter("add_value", "Value to add", Kind.INTEGER, "NUMBER", 0, bounds=_INT32)
IS_BIG = Parameter("is_big", "Big endian", Kind.TRUTH, "ENUM", "true", choices=_TRUTH)
PKT_CAST_SIZE = Parameter(
    "pkt_cast_size",
    "Bytes to change",
    Kind.NUMBER_CHOICE,
    "ENUM",
    1,
    choices={size: size for size in ("1", "2", "4")},
)
MASK = Parameter("mask", "Mask", Kind.INTEGER, "STRING", "0xff", bounds=_UINT32)
SHIFT = Parameter("shift", "Shift", Kind.INTEGER, "NUMBER", 0, bounds=range(-31, 32))
L3_OFFSET = Parameter("l3_offset", "IP header", Kind.LAYER, "STRING", "IP", required=True)
L4_OFFSET = Parameter("l4_offset", "Transport header", Kind.LAYER, "STRING", "TCP", required=True)
L4_TYPE = Parameter(
    "l4_type",
    "Transport protocol",
    Kind.NUMBER_CHOICE,
    "ENUM",
    "13",
    choices={"11": "UDP", "13": "TCP"},
    further_choices=("17",),
    required=True,
)
IP_MIN = Parameter("ip_min", "First address", Kind.QUANTITY, "STRING", "0.0.0.1", bounds=_UINT32)
IP_MAX = Parameter("ip_max", "Last address", Kind.QUANTITY, "STRING", "0.0.0.10", bounds=_UINT32)
PORT_MIN = Parameter("port_min", "First port", Kind.INTEGER, "NUMBER", 1025, bounds=_UINT16)
PORT_MAX = Parameter("port_max", "Last port", Kind.INTEGER, "NUMBER", 65535, bounds=_UINT16)
LIMIT_FLOWS = Parameter(
    "limit_flows", "Limit of flows", Kind.INTEGER, "NUMBER", 100000, bounds=_UINT32
)
FLAGS = Parameter("flags", "Flags", Kind.INTEGER, "NUMBER", 0, bounds=_UINT16)
