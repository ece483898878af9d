"""What clients are told of the Field Engine, derived from the instruction classes.

`client_metadata` gives the four `fe…` members of `get_definitions`; `choices` the values
that a parameter may take for a given packet model and program
(`load_instruction_parameter_values`); `help_text` the help of one instruction.

Member types are as the packet editor reads them.

Source: RPC document, "Field Engine".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from textwrap import wrap
from typing import Any

from scapy_server.naming import layer_names
from scapy_server.programs.instructions import (
    INSTRUCTIONS,
    FlowVariable,
    Instruction,
    RepeatableRandom,
    TupleGenerator,
    WriteVariable,
)
from scapy_server.programs.parameters import Parameter

_TEMPLATES = (
    ("simple_flow_var", "Simple variable", (FlowVariable, WriteVariable)),
    ("rep_rand_var", "Repeatable random", (RepeatableRandom, WriteVariable)),
)

_GLOBAL_PARAMETERS = (
    {"id": "cache_size", "name": "Cache size", "type": "NUMBER", "defaultValue": "1000"},
)


#: The packet editor shows help as it is, in a window that does not fold lines.
HELP_COLUMNS = 80


@cache  # clients ask for it with every layer, and helps take long to fold
def client_metadata() -> dict[str, list[dict[str, Any]]]:
    """The members `feInstructions`, `feInstructionParameters`, `feParameters`, `feTemplates`."""
    return {
        "feInstructions": [_instruction(cls) for cls in INSTRUCTIONS],
        "feInstructionParameters": [_parameter(parameter) for parameter in all_parameters()],
        "feParameters": [dict(parameter) for parameter in _GLOBAL_PARAMETERS],
        "feTemplates": [
            {"id": template, "name": name, "instructionIds": [cls.id for cls in classes]}
            for template, name, classes in _TEMPLATES
        ],
    }


def all_parameters() -> list[Parameter]:
    """Every parameter of every instruction once, in the order of first use."""
    found: dict[str, Parameter] = {}
    for cls in INSTRUCTIONS:
        for argument in cls.arguments():
            found.setdefault(argument.parameter.id, argument.parameter)
    return list(found.values())


def help_text(cls: type[Instruction]) -> str:
    """What the instruction does, each parameter, and an example, for windows of 80 columns."""
    lines = [cls.id, "", *wrap(cls.summary, HELP_COLUMNS), "", "Parameters:"]
    for argument in cls.arguments():
        text = f"{argument.parameter.id}: {argument.help}"
        lines += wrap(text, HELP_COLUMNS, initial_indent="  ", subsequent_indent="    ")
    lines += ["", "Example:"]
    lines += [f"  {name}: {value}" for name, value in cls.example.items()]
    return "\n".join(lines)


def _instruction(cls: type[Instruction]) -> dict[str, Any]:
    return {
        "id": cls.id,
        "parameters": [argument.parameter.id for argument in cls.arguments()],
        "help": base64.b64encode(help_text(cls).encode()).decode(),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": parameter.id,
        "name": parameter.name,
        "type": parameter.client_type,
    }
    if parameter.shown is not None:
        described["defaultValue"] = parameter.shown
    if parameter.choices:
        described["dict"] = dict(parameter.choices)
    if parameter.required:
        described["required"] = True
    if parameter.editable:
        described["editable"] = True
    return described


class ModelLayer:
    """A layer of a packet model for the choices: its names, its fields, its class family."""

    def __init__(self, layer_id: str, fields: Sequence[str], family: Sequence[str]) -> None:
        self.id = layer_id
        self.fields = list(dict.fromkeys(fields))
        self.family = frozenset(family)


_NETWORK = frozenset({"IP", "IPv6"})
_TRANSPORT = frozenset({"TCP", "UDP", "_ICMPv6"})


def choices(
    parameter_id: str, layers: Sequence[ModelLayer], program: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """The values that clients offer for a parameter, with their labels.

    `program` is the list of instructions so far, as clients hold them. A parameter that
    has no choices gives an empty dictionary.
    """
    match parameter_id:
        case "name":
            found = [f"{_numbered(layers, i)}_{field}" for i, field in _fields(layers)]
        case "pkt_offset":
            found = [
                f"{_numbered(layers, i, always=_repeats(layers, i)).replace('.', '|')}"
                f".{field.replace('.', '|')}"
                for i, field in _fields(layers)
            ]
        case "fv_name":
            found = _variables(program, tuples=True)
        case "next_var":
            found = _variables(program, tuples=False)
        case "offset":
            found = _layers_of(layers, frozenset({"IP"}))
        case "l3_offset":
            found = _layers_of(layers, _NETWORK)
        case "l4_offset":
            found = _layers_of(layers, _TRANSPORT)
        case _:
            by_id = {parameter.id: parameter for parameter in all_parameters()}
            return dict(by_id[parameter_id].choices) if parameter_id in by_id else {}
    return {name: name for name in found}


def _fields(layers: Sequence[ModelLayer]) -> list[tuple[int, str]]:
    return [(index, field) for index, layer in enumerate(layers) for field in layer.fields]


def _repeats(layers: Sequence[ModelLayer], index: int) -> bool:
    return sum(layer.id == layers[index].id for layer in layers) > 1


def _numbered(layers: Sequence[ModelLayer], index: int, always: bool = False) -> str:
    """`IP`, `IP:1` for the second one; with `always` `IP:0` for the first one too."""
    name = layer_names(layer.id for layer in layers)[index]
    return f"{name}:0" if always and name == layers[index].id else name


def _layers_of(layers: Sequence[ModelLayer], families: frozenset[str]) -> list[str]:
    return [
        _numbered(layers, index, always=True).replace(".", "|")
        for index, layer in enumerate(layers)
        if layer.family & families
    ]


def _variables(program: Sequence[Mapping[str, Any]], *, tuples: bool) -> list[str]:
    names: list[str] = []
    for item in program:
        parameters = item.get("parameters")
        name = parameters.get("name") if isinstance(parameters, Mapping) else None
        if not isinstance(name, str) or not name:
            continue
        if item.get("id") != TupleGenerator.id:
            names.append(name)
        elif tuples:
            names += [f"{name}.ip", f"{name}.port"]
    return names
