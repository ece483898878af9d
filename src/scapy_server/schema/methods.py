"""What the service says of itself and of its methods.

Source: RPC document, "Get Version".
"""

from __future__ import annotations

import msgspec


class Version(msgspec.Struct, frozen=True):
    """The protocol version, and what else tells one server from another."""

    version: str
    built_by: str
    build_date: str = ""
    build_time: str = ""
    server_version: str = ""
    scapy_version: str = ""


class ParameterDescription(msgspec.Struct, frozen=True):
    """A parameter: the JSON types it takes in words, and whether it must be given."""

    name: str
    types: str
    required: bool
    help: str


class MethodDescription(msgspec.Struct, frozen=True):
    """What a method does, takes and answers, in sentences."""

    name: str
    summary: str
    parameters: list[ParameterDescription]
    result: str

    @property
    def usage(self) -> str:
        """How it is called: its name, and those of its parameters."""
        return f"{self.name}({', '.join(each.name for each in self.parameters)})"

    def in_words(self) -> list[str]:
        """The lines that a person reads."""
        lines = [self.usage, f"  {self.summary}"]
        for each in self.parameters:
            given = each.types if each.required else f"{each.types}, may be left out"
            lines.append(f"  {each.name} ({given}): {each.help}")
        return [*lines, f"  Result: {self.result}"]


class ParameterChoices(msgspec.Struct, frozen=True):
    """What clients offer for a Field Engine parameter: values with their labels."""

    choices: dict[str, str] = msgspec.field(name="map")
