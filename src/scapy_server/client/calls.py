"""Each RPC method as a value: what is asked, and how the answer is read.

Both clients make their methods of these, so that they have the same names, parameters and
results. A reply that is not what a Scapy server answers is a ClientError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec

from scapy_server.client.connection import ClientError
from scapy_server.schema.captures import CapturedPacket, CapturePage
from scapy_server.schema.definitions import AllDatabases, DefinitionsResult
from scapy_server.schema.methods import MethodDescription, ParameterChoices, Version
from scapy_server.schema.models import LayerModel
from scapy_server.schema.programs import Explanation, ProgramResult, ReadProgram
from scapy_server.schema.rendering import ProfileResult, RenderResult
from scapy_server.schema.results import Failed, PacketResult, WrittenExpression
from scapy_server.schema.status import ServerStatus
from scapy_server.schema.templates import TemplateEntry
from scapy_server.wording import base64_text

JsonObject = dict[str, Any]
Model = Sequence[Mapping[str, Any] | LayerModel]

#: What frames begin with, by the number or name of a capture's link type.
LinkType = int | str

#: How much is shown of the packets of a capture.
Detail = Literal["summary", "tree", "bytes"]

T = TypeVar("T")


class _Reply(msgspec.Struct):
    id: Any = None
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: Any = None


_replies = msgspec.json.Decoder(_Reply)


def is_repeatable(method: str) -> bool:
    """Whether a call changes nothing, so that it may be made again when its reply is lost."""
    return method != "shut_down"


def request(method: str, params: Any, request_id: object) -> dict[str, Any]:
    """A request; `params` UNSET leaves them out."""
    envelope = {"id": request_id, "jsonrpc": "2.0", "method": method}
    return envelope if params is msgspec.UNSET else envelope | {"params": params}


def encoded(envelope: dict[str, Any]) -> bytes:
    """The message of a request; ClientError if it is more than JSON can hold."""
    try:
        return msgspec.json.encode(envelope)
    except (msgspec.MsgspecError, RecursionError, UnicodeError, TypeError) as error:
        raise ClientError(None, f"this cannot be sent as JSON: {error}") from error


def result_of(message: bytes, request_id: object) -> msgspec.Raw:
    """The result in a reply to the request with this id; ClientError for any other reply."""
    try:
        reply = _replies.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientError(None, f"the reply is not JSON-RPC: {error}") from error
    if isinstance(reply.error, dict):
        code, text = reply.error.get("code"), reply.error.get("message")
        raise ClientError(code if isinstance(code, int) else None, str(text))
    if reply.id != request_id or isinstance(reply.result, msgspec.UnsetType):
        raise ClientError(None, "the reply does not belong to the request")
    return reply.result


@dataclass(frozen=True)
class Call(Generic[T]):
    """A method, its parameters, and the shape of its result."""

    method: str
    params: Any
    shape: Any

    def read(self, result: msgspec.Raw) -> T:
        """The result as its shape; ClientError if it has another one."""
        try:
            found: T = msgspec.json.decode(result, type=self.shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ClientError(
                None, f"the answer to {self.method} is not that of a Scapy server: {error}"
            ) from error
        return found


def _call(shape: type[T], method: str, *params: Any) -> Call[T]:
    """A call with its parameters by position; those that are left out at the end are not sent."""
    given = list(params)
    while given and given[-1] is None:
        given.pop()
    return Call(method, tuple(given), shape)


def _written(packet: bytes | CapturedPacket) -> str | CapturedPacket:
    return packet if isinstance(packet, CapturedPacket) else base64_text(packet)


class Calls:
    """The call that asks for each method, with what Python has for its parameters."""

    @staticmethod
    def get_version() -> Call[Version]:
        return _call(Version, "get_version")

    @staticmethod
    def get_version_handler(major: str, minor: str) -> Call[str]:
        return _call(str, "get_version_handler", major, minor)

    @staticmethod
    def supported_methods(method_name: str) -> Call[dict[str, tuple[int, list[str]]] | bool]:
        shape = dict[str, tuple[int, list[str]]] | bool
        return Call("supported_methods", (method_name,), shape)

    @staticmethod
    def all_methods() -> Call[dict[str, tuple[int, list[str]]]]:
        return _call(dict[str, tuple[int, list[str]]], "supported_methods", "all")

    @staticmethod
    def describe_method(method_name: str) -> Call[MethodDescription]:
        return _call(MethodDescription, "describe_method", method_name)

    @staticmethod
    def rpc_discover() -> Call[JsonObject]:
        return _call(JsonObject, "rpc.discover")

    @staticmethod
    def get_all() -> Call[AllDatabases]:
        return _call(AllDatabases, "get_all")

    @staticmethod
    def check_update(db_md5: str, fields_md5: str) -> Call[bool]:
        return _call(bool, "check_update", db_md5, fields_md5)

    @staticmethod
    def check_update_of_dbs(db_md5: str, fields_md5: str) -> Call[bool]:
        return _call(bool, "check_update_of_dbs", db_md5, fields_md5)

    @staticmethod
    def get_tree() -> Call[JsonObject]:
        return _call(JsonObject, "get_tree")

    @staticmethod
    def get_definitions(ids: Iterable[str] | None) -> Call[DefinitionsResult]:
        return _call(DefinitionsResult, "get_definitions", None if ids is None else list(ids))

    @staticmethod
    def get_payload_classes(model: Model) -> Call[list[str]]:
        return _call(list[str], "get_payload_classes", model)

    @staticmethod
    def build_pkt(model: Model, link_type: LinkType | None = None) -> Call[PacketResult]:
        return _call(PacketResult, "build_pkt", model, link_type)

    @staticmethod
    def build_pkts(models: Iterable[Model]) -> Call[list[JsonObject]]:
        return _call(list[JsonObject], "build_pkts", list(models))

    @staticmethod
    def build_pkt_ex(model: Model, extra: Mapping[str, Any] | None) -> Call[ProgramResult]:
        return _call(ProgramResult, "build_pkt_ex", model, extra)

    @staticmethod
    def explain_program(model: Model, extra: Mapping[str, Any]) -> Call[Explanation]:
        return _call(Explanation, "explain_program", model, extra)

    @staticmethod
    def decompile_vm_raw(frame: bytes, vm: Mapping[str, Any], names: bool) -> Call[ReadProgram]:
        return _call(ReadProgram, "decompile_vm_raw", base64_text(frame), vm, names or None)

    @staticmethod
    def load_instruction_parameter_values(
        model: Model, program: Any, parameter_id: str
    ) -> Call[ParameterChoices]:
        method = "load_instruction_parameter_values"
        return _call(ParameterChoices, method, model, program, parameter_id)

    @staticmethod
    def render_packets(
        source: Any, program: Mapping[str, Any], options: Mapping[str, Any] | None
    ) -> Call[RenderResult]:
        return _call(RenderResult, "render_packets", source, program, options)

    @staticmethod
    def render_profile(
        requests: Sequence[Mapping[str, Any]], options: Mapping[str, Any] | None
    ) -> Call[ProfileResult]:
        return _call(ProfileResult, "render_profile", requests, options)

    @staticmethod
    def reconstruct_pkt(
        frame: bytes, changes: Model | None, link_type: LinkType | None = None
    ) -> Call[PacketResult]:
        return _call(PacketResult, "reconstruct_pkt", base64_text(frame), changes, link_type)

    @staticmethod
    def read_expression(expression: str) -> Call[list[JsonObject]]:
        return _call(list[JsonObject], "read_expression", expression)

    @staticmethod
    def write_expression(frame: bytes, first_layer: str | None) -> Call[WrittenExpression]:
        return _call(WrittenExpression, "write_expression", base64_text(frame), first_layer)

    @staticmethod
    def get_all_pkt_offsets(expression: str) -> Call[str]:
        return _call(str, "get_all_pkt_offsets", expression)

    @staticmethod
    def read_pcap(capture: bytes) -> Call[list[PacketResult]]:
        return _call(list[PacketResult], "read_pcap", base64_text(capture))

    @staticmethod
    def read_pcap_page(
        capture: bytes, start: int, count: int | None, detail: Detail
    ) -> Call[CapturePage]:
        options = {"start": start, "count": count, "detail": detail}
        given = {name: value for name, value in options.items() if value is not None}
        return _call(CapturePage, "read_pcap", base64_text(capture), given)

    @staticmethod
    def write_pcap(
        packets: Iterable[bytes | CapturedPacket], link_type: LinkType | None = None
    ) -> Call[bytes]:
        return _call(bytes, "write_pcap", [_written(packet) for packet in packets], link_type)

    @staticmethod
    def get_templates() -> Call[list[TemplateEntry]]:
        return _call(list[TemplateEntry], "get_templates")

    @staticmethod
    def get_template(template_id: str) -> Call[bytes]:
        return _call(bytes, "get_template", {"id": template_id})

    @staticmethod
    def ping() -> Call[JsonObject]:
        return _call(JsonObject, "ping")

    @staticmethod
    def server_status() -> Call[ServerStatus]:
        return _call(ServerStatus, "server_status")

    @staticmethod
    def shut_down() -> Call[str]:
        return _call(str, "shut_down")


def packet_or_failure(result: JsonObject) -> PacketResult | Failed:
    """One item of what `build_pkts` answers; ClientError if it is neither."""
    try:
        if "error" in result:
            return msgspec.convert(result, Failed)
        return msgspec.convert(result, PacketResult)
    except msgspec.ValidationError as error:
        raise ClientError(
            None, f"the answer to build_pkts is not that of a Scapy server: {error}"
        ) from error


def offsets_of(text: str) -> list[Any]:
    """What the text that `get_all_pkt_offsets` answers holds."""
    try:
        return msgspec.json.decode(text, type=list[Any])
    except msgspec.DecodeError as error:
        raise ClientError(None, f"the result is no JSON text: {error}") from error
