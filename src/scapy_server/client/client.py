"""The RPC methods as Python methods."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import msgspec

from scapy_server.client.connection import ClientError, Connection
from scapy_server.client.keys import load
from scapy_server.release import DEFAULT_PORT

JsonObject = dict[str, Any]
Model = Sequence[Mapping[str, Any]]


class Client:
    """A client of one server, for one thread at a time.

    `server` is `host`, `host:port` or `[IPv6 address]:port`; nothing is sent until the
    first call. A call waits `timeout` seconds for its reply; after a time-out the next
    one reconnects. Every method raises ClientError, and nothing else, when a call fails.
    `curve_keys` is the directory with the keys for a server that demands them (ValueError
    if they cannot be used). Models and results are the JSON of the RPC document; frames,
    captures and templates are bytes.

        with Client("localhost:4507") as client:
            packet = client.build_pkt([{"id": "Ether"}, {"id": "IP"}])
    """

    def __init__(
        self,
        server: str = f"localhost:{DEFAULT_PORT}",
        timeout: float = 5.0,
        curve_keys: str | Path | None = None,
    ) -> None:
        keys = None if curve_keys is None else load(Path(curve_keys))
        self._connection = Connection(server, timeout, keys)
        self._ids = itertools.count(1)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. The client cannot be used afterwards."""
        self._connection.close()

    def call(self, method: str, *params: Any, **named: Any) -> Any:
        """Call any method, with parameters by position or by name, and give its result.

        Parameters are anything that JSON can hold. TypeError if both kinds are mixed.
        """
        if params and named:
            raise TypeError("parameters go by position or by name, not both")
        request = {
            "jsonrpc": "2.0",
            "id": next(self._ids),
            "method": method,
            "params": named or params,
        }
        return result_of(self._connection.exchange(msgspec.json.encode(request)), request["id"])

    def get_version(self) -> dict[str, str]:
        """The versions of protocol, server and Scapy."""
        return cast(dict[str, str], self.call("get_version"))

    def get_version_handler(self, major: str, minor: str) -> str:
        """The version handler that the GUI sends in front of its parameters."""
        return cast(str, self.call("get_version_handler", major, minor))

    def supported_methods(self, method_name: str = "all") -> dict[str, list[Any]] | bool:
        """All methods with number and names of parameters, or whether one exists."""
        return cast("dict[str, list[Any]] | bool", self.call("supported_methods", method_name))

    def describe_method(self, method_name: str) -> JsonObject:
        """What a method does, takes and answers."""
        return cast(JsonObject, self.call("describe_method", method_name))

    def get_all(self) -> JsonObject:
        """The databases `db` and `fields`, with `db_md5` and `fields_md5`."""
        return cast(JsonObject, self.call("get_all"))

    def check_update(self, db_md5: str, fields_md5: str) -> bool:
        """True if the databases with these checksums are the server's; ClientError if not."""
        return cast(bool, self.call("check_update", db_md5, fields_md5))

    def check_update_of_dbs(self, db_md5: str, fields_md5: str) -> bool:
        """As check_update."""
        return cast(bool, self.call("check_update_of_dbs", db_md5, fields_md5))

    def get_tree(self) -> JsonObject:
        """A suggested hierarchy of protocols."""
        return cast(JsonObject, self.call("get_tree"))

    def get_definitions(self, ids: Iterable[str] | None = None) -> JsonObject:
        """The definitions of these protocols, or of all."""
        return cast(JsonObject, self.call("get_definitions", None if ids is None else list(ids)))

    def get_payload_classes(self, model: Model) -> list[str]:
        """The layers that may follow the last layer of the model."""
        return cast(list[str], self.call("get_payload_classes", model))

    def build_pkt(self, model: Model) -> JsonObject:
        """Build a packet."""
        return cast(JsonObject, self.call("build_pkt", model))

    def build_pkts(self, models: Iterable[Model]) -> list[JsonObject]:
        """Build many packets; one that cannot be built is {"error": {code, message}}."""
        return cast(list[JsonObject], self.call("build_pkts", list(models)))

    def build_pkt_ex(self, model: Model, extra: Mapping[str, Any] | None = None) -> JsonObject:
        """Build a packet with a Field Engine program."""
        return cast(JsonObject, self.call("build_pkt_ex", model, extra))

    def explain_program(self, model: Model, extra: Mapping[str, Any]) -> JsonObject:
        """What a Field Engine program does, in sentences and numbers."""
        return cast(JsonObject, self.call("explain_program", model, extra))

    def decompile_vm_raw(self, frame: bytes, vm: Mapping[str, Any]) -> JsonObject:
        """The instructions of a compiled Field Engine program."""
        return cast(JsonObject, self.call("decompile_vm_raw", _base64(frame), vm))

    def load_instruction_parameter_values(
        self, model: Model, program: Any, parameter_id: str
    ) -> dict[str, str]:
        """The choices that fit an instruction's parameter in this packet."""
        result = self.call("load_instruction_parameter_values", model, program, parameter_id)
        return cast("dict[str, str]", cast(JsonObject, result)["map"])

    def render_packets(
        self, source: Any, program: Mapping[str, Any], options: Mapping[str, Any] | None = None
    ) -> JsonObject:
        """The packets that a stream with the program sends."""
        return cast(JsonObject, self.call("render_packets", source, program, options))

    def reconstruct_pkt(self, frame: bytes, changes: Model | None = None) -> JsonObject:
        """Dissect a frame, change it, and build it again."""
        return cast(JsonObject, self.call("reconstruct_pkt", _base64(frame), changes))

    def read_expression(self, expression: str) -> list[JsonObject]:
        """The packet model of a Scapy expression."""
        return cast(list[JsonObject], self.call("read_expression", expression))

    def write_expression(self, frame: bytes, first_layer: str | None = None) -> JsonObject:
        """The Scapy expression that builds a frame, and the imports that it needs in Python."""
        return cast(JsonObject, self.call("write_expression", _base64(frame), first_layer))

    def get_all_pkt_offsets(self, expression: str) -> list[Any]:
        """The first version's triple, and the places of the fields of each layer."""
        text = self.call("get_all_pkt_offsets", expression)
        try:
            return msgspec.json.decode(text, type=list[Any])
        except (msgspec.DecodeError, TypeError) as error:
            raise ClientError(None, f"the result is no JSON text: {error}") from error

    def read_pcap(self, capture: bytes) -> list[JsonObject]:
        """Dissect the packets of a capture file."""
        return cast(list[JsonObject], self.call("read_pcap", _base64(capture)))

    def write_pcap(self, frames: Iterable[bytes]) -> bytes:
        """A pcap file of these frames."""
        return _bytes(self.call("write_pcap", [_base64(frame) for frame in frames]))

    def get_templates(self) -> list[JsonObject]:
        """The predefined templates: id, name and description of each."""
        return cast(list[JsonObject], self.call("get_templates"))

    def get_template(self, template_id: str) -> bytes:
        """The JSON text of a template."""
        return _bytes(self.call("get_template", {"id": template_id}))

    def ping(self) -> None:
        """Return when the server has answered."""
        self.call("ping")

    def server_status(self) -> JsonObject:
        """How the server is doing: workers, queue, totals, latencies, restarts."""
        return cast(JsonObject, self.call("server_status"))

    def shut_down(self) -> str:
        """End the server."""
        return cast(str, self.call("shut_down"))


def result_of(message: bytes, request_id: object) -> Any:
    """The result in a reply to the request with this id; ClientError for any other reply."""
    try:
        reply = msgspec.json.decode(message, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ClientError(None, f"the reply is not JSON-RPC: {error}") from error
    failure = reply.get("error")
    if isinstance(failure, dict):
        code, text = failure.get("code"), failure.get("message")
        raise ClientError(code if isinstance(code, int) else None, str(text))
    if reply.get("id") != request_id or "result" not in reply:
        raise ClientError(None, "the reply does not belong to the request")
    return reply["result"]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(cast(str, text), validate=True)
    except (TypeError, ValueError) as error:
        raise ClientError(None, "the result is not base64") from error
