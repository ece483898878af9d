"""The shapes of the results that the console reads, so that anything else is refused at once.

Only what is read is listed; a server may answer more. Bytes come as base64 text.
"""

from __future__ import annotations

from typing import Any, TypedDict


class _Ignorable(TypedDict, total=False):
    ignored: bool


class FieldAnswer(_Ignorable):
    """A field of a field tree."""

    id: str
    value: Any
    hvalue: Any
    bit_offset: int
    bit_length: int


class LayerAnswer(TypedDict):
    """A layer of a field tree."""

    id: str
    name: str
    offset: int
    real_id: str | None
    valid_structure: bool
    fields: list[FieldAnswer]


class PacketAnswer(TypedDict):
    """The result of build_pkt, reconstruct_pkt and, in an array, read_pcap."""

    data: list[LayerAnswer]
    binary: bytes | None


class _Warnings(TypedDict, total=False):
    warnings: list[Any]


class EngineAnswer(_Warnings):
    """The member `field_engine` of the result of build_pkt_ex."""

    instructions: dict[str, Any]
    error: str | None


class ProgramAnswer(TypedDict):
    """The result of build_pkt_ex, without its packet."""

    field_engine: EngineAnswer


class TemplateMeta(TypedDict):
    """What a template is about."""

    name: str
    description: str


class TemplateAnswer(TypedDict):
    """A template that get_templates lists."""

    id: str
    meta: TemplateMeta


class ExpressionAnswer(TypedDict):
    """The result of write_expression."""

    expression: str
    imports: list[str]


class DefinitionsAnswer(TypedDict):
    """What completion reads of get_definitions."""

    protocols: list[dict[str, Any]]
    feInstructions: list[dict[str, Any]]


class ParameterAnswer(TypedDict):
    """A parameter that describe_method describes."""

    name: str
    types: str
    required: bool
    help: str


class MethodAnswer(TypedDict):
    """The result of describe_method."""

    name: str
    summary: str
    parameters: list[ParameterAnswer]
    result: str


#: The result of supported_methods: number and names of the parameters of each method.
MethodsAnswer = dict[str, tuple[int, list[str]]]
