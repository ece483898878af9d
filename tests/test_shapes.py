"""Options and members held to a Struct."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from scapy_server.errors import InvalidParams, RefusedError
from scapy_server.shapes import Misfit, checked, fitted


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Wish(msgspec.Struct, frozen=True):
    name: str = ""
    count: int = 1
    least: Annotated[int, msgspec.Meta(ge=2)] = 2
    between: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    speed: float = 1.0
    seed: int | None = None
    whole: bool = True
    detail: Literal["bytes", "tree"] = "bytes"
    colour: Colour = Colour.RED
    places: tuple[int, ...] = ()


class Needed(msgspec.Struct, frozen=True):
    name: str


def test_what_fits() -> None:
    given = {"count": 2**70, "speed": 3, "seed": None, "detail": "tree", "colour": "blue"}
    assert checked(given, Wish) == Wish(count=2**70, speed=3.0, detail="tree", colour=Colour.BLUE)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": 5}, "name must be a string, not 5"),
        ({"count": "1"}, "count must be a whole number, not '1'"),
        ({"count": 1.0}, "count must be a whole number, not 1.0"),
        ({"count": True}, "count must be a whole number, not a boolean"),
        ({"count": None}, "count must be a whole number, not null"),
        ({"least": 1}, "least must be a whole number, 2 or more, not 1"),
        ({"between": 10}, "between must be a whole number from 0 to 9, not 10"),
        ({"speed": []}, "speed must be a number, not an array"),
        ({"seed": "x"}, "seed must be a whole number, not 'x'"),
        ({"whole": 1}, "whole must be true or false, not 1"),
        ({"detail": "all"}, "detail must be one of bytes or tree, not 'all'"),
        ({"colour": "x"}, "colour must be one of red or blue, not 'x'"),
        ({"cuont": 1}, "there is no option 'cuont'; did you mean \"count\"?"),
        ({"zzz": 1}, "there is no option 'zzz'; there are name, count, least"),
    ],
)
def test_what_does_not(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        checked(given, Wish)
    assert refused.value.problem.startswith(said)


def test_whose_fault_it_is_the_caller_says() -> None:
    with pytest.raises(RefusedError):
        checked({"count": "1"}, Wish, RefusedError)


def test_a_misfit_knows_its_place() -> None:
    with pytest.raises(Misfit) as missing:
        fitted({}, Needed)
    assert missing.value == Misfit("name")
    with pytest.raises(Misfit) as item:
        fitted({"places": [1, "2"]}, Wish)
    assert item.value == Misfit("places", "an array of whole numbers", "2", 1)
