"""The entries of the method table: what a method is called, takes, and does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import UNSET

from scapy_server.wording import JsonType


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name on the wire, the JSON types it takes, and what it means.

    One that is not `required` is None when it is not given; required ones come first.
    `shape` is what it takes as a Python type, where that says more than `types`.
    """

    name: str
    types: tuple[JsonType, ...]
    help: str
    required: bool = True
    shape: Any = None

    @property
    def expected(self) -> str:
        """The types as a sentence names them: `an array or null`."""
        return " or ".join(json_type.value for json_type in self.types)


@dataclass(frozen=True)
class Method:
    """A method that can be called.

    `function` is called with the dispatcher's context and one argument per parameter.
    `shape` is the result as a Python type.
    `spreads` says that a sole array of strings may also be written out as the params
    themselves. `ignores_params` methods take whatever comes. `ends_service` asks the server
    to stop once the reply is sent. A `quick` method is answered in no time, so that one
    which is not has met a process that is stuck. What is not `repeatable` changes something:
    a request for it is never run twice, whatever became of the first time.
    """

    name: str
    function: Callable[..., object]
    summary: str
    result: str
    parameters: tuple[Parameter, ...] = ()
    shape: Any = Any
    spreads: bool = False
    ignores_params: bool = False
    ends_service: bool = False
    quick: bool = False
    repeatable: bool = True

    @cached_property
    def required_count(self) -> int:
        """How many parameters must be given."""
        return sum(parameter.required for parameter in self.parameters)

    @cached_property
    def names(self) -> list[str]:
        """The names of the parameters, in order."""
        return [parameter.name for parameter in self.parameters]


@dataclass(frozen=True)
class Example:
    """Parameters by position, and what a call with them answers; UNSET if that is too long."""

    params: list[Any]
    result: Any = UNSET

    @property
    def is_open(self) -> bool:
        """Whether the answer is not told."""
        return self.result is UNSET
