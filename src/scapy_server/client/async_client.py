"""The RPC methods as coroutines: the same names, parameters and results as `Client`'s."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from scapy_server.client import calls
from scapy_server.client.async_connection import AsyncConnection
from scapy_server.client.calls import Call, Calls, Detail, JsonObject, LinkType, Model
from scapy_server.client.keys import load
from scapy_server.client.packet import Packet
from scapy_server.release import DEFAULT_PORT
from scapy_server.schema.captures import CapturedPacket, CapturePage
from scapy_server.schema.definitions import AllDatabases, DefinitionsResult
from scapy_server.schema.methods import MethodDescription, Version
from scapy_server.schema.programs import Explanation, ReadProgram
from scapy_server.schema.rendering import ProfileResult, RenderResult
from scapy_server.schema.results import Failed, PacketResult, WrittenExpression
from scapy_server.schema.status import ServerStatus
from scapy_server.schema.templates import TemplateEntry

T = TypeVar("T")

#: A packet whose `expression` is to be awaited.
AsyncPacket = Packet[Awaitable[str]]


class AsyncClient:
    """A client of one server, for the tasks of one event loop.

    Parameters and errors are those of `Client`. Calls of one client follow each other; to
    have several under way at once, make several clients.

        async with AsyncClient("localhost:4507") as client:
            packet = await client.build("Ether()/IP(dst='48.0.0.7')/TCP()")
            print(packet["IP"]["ttl"], packet.bytes.hex(), await packet.expression)
    """

    def __init__(
        self,
        server: str = f"localhost:{DEFAULT_PORT}",
        timeout: float = 5.0,
        curve_keys: str | Path | None = None,
    ) -> None:
        keys = None if curve_keys is None else load(Path(curve_keys))
        self._connection = AsyncConnection(server, timeout, keys)
        self._ids = itertools.count(1)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection. The client cannot be used afterwards."""
        await self._connection.close()

    async def call(self, method: str, *params: Any, **named: Any) -> Any:
        """Call any method, with parameters by position or by name, and give its result.

        Parameters are anything that JSON can hold. TypeError if both kinds are mixed.
        """
        if params and named:
            raise TypeError("parameters go by position or by name, not both")
        return await self._ask(Call(method, named or params, Any))

    async def build(self, packet: str | Model, link_type: LinkType | None = None) -> AsyncPacket:
        """Build a packet from a Scapy expression or a packet model.

        `link_type` says how what is built is to be read: 101 or "RAW" for IP without
        Ethernet (docs/captures.md, "Link types").
        """
        model = await self.read_expression(packet) if isinstance(packet, str) else packet
        return await self.build_pkt(model, link_type)

    async def dissect(self, frame: bytes, link_type: LinkType | None = None) -> AsyncPacket:
        """The packet that a frame reads as."""
        return await self.reconstruct_pkt(frame, link_type=link_type)

    async def get_version(self) -> Version:
        """The versions of protocol, server and Scapy."""
        return await self._ask(Calls.get_version())

    async def get_version_handler(self, major: str, minor: str) -> str:
        """The version handler that the GUI sends in front of its parameters."""
        return await self._ask(Calls.get_version_handler(major, minor))

    async def supported_methods(
        self, method_name: str = "all"
    ) -> dict[str, tuple[int, list[str]]] | bool:
        """All methods with number and names of parameters, or whether one exists."""
        return await self._ask(Calls.supported_methods(method_name))

    async def describe_method(self, method_name: str) -> MethodDescription:
        """What a method does, takes and answers."""
        return await self._ask(Calls.describe_method(method_name))

    async def rpc_discover(self) -> JsonObject:
        """The OpenRPC document of all methods (`rpc.discover`)."""
        return await self._ask(Calls.rpc_discover())

    async def get_all(self) -> AllDatabases:
        """The databases `db` and `fields`, with `db_md5` and `fields_md5`."""
        return await self._ask(Calls.get_all())

    async def check_update(self, db_md5: str, fields_md5: str) -> bool:
        """True if the databases with these checksums are the server's; ClientError if not."""
        return await self._ask(Calls.check_update(db_md5, fields_md5))

    async def check_update_of_dbs(self, db_md5: str, fields_md5: str) -> bool:
        """As check_update."""
        return await self._ask(Calls.check_update_of_dbs(db_md5, fields_md5))

    async def get_tree(self) -> JsonObject:
        """A suggested hierarchy of protocols."""
        return await self._ask(Calls.get_tree())

    async def get_definitions(self, ids: Iterable[str] | None = None) -> DefinitionsResult:
        """The definitions of these protocols, or of all."""
        return await self._ask(Calls.get_definitions(ids))

    async def get_payload_classes(self, model: Model) -> list[str]:
        """The layers that may follow the last layer of the model."""
        return await self._ask(Calls.get_payload_classes(model))

    async def build_pkt(self, model: Model, link_type: LinkType | None = None) -> AsyncPacket:
        """Build a packet."""
        return self._packet(await self._ask(Calls.build_pkt(model, link_type)))

    async def build_pkts(self, models: Iterable[Model]) -> list[AsyncPacket | Failed]:
        """Build many packets; one that cannot be built is Failed, with code and message."""
        answers = await self._ask(Calls.build_pkts(models))
        results = map(calls.packet_or_failure, answers)
        return [
            result if isinstance(result, Failed) else self._packet(result) for result in results
        ]

    async def build_pkt_ex(
        self, model: Model, extra: Mapping[str, Any] | None = None
    ) -> AsyncPacket:
        """Build a packet with a Field Engine program, which `field_engine` tells of."""
        result = await self._ask(Calls.build_pkt_ex(model, extra))
        return Packet(result, self._expression, result.field_engine)

    async def explain_program(self, model: Model, extra: Mapping[str, Any]) -> Explanation:
        """What a Field Engine program does, in sentences and numbers."""
        return await self._ask(Calls.explain_program(model, extra))

    async def decompile_vm_raw(
        self, frame: bytes, vm: Mapping[str, Any], names: bool = False
    ) -> ReadProgram:
        """The instructions of a compiled Field Engine program.

        With `names` places are told by the frame's layers and fields, else by byte numbers.
        """
        return await self._ask(Calls.decompile_vm_raw(frame, vm, names))

    async def load_instruction_parameter_values(
        self, model: Model, program: Any, parameter_id: str
    ) -> dict[str, str]:
        """The choices that fit an instruction's parameter in this packet."""
        call = Calls.load_instruction_parameter_values(model, program, parameter_id)
        return (await self._ask(call)).choices

    async def render_packets(
        self, source: Any, program: Mapping[str, Any], options: Mapping[str, Any] | None = None
    ) -> RenderResult:
        """The packets that a stream with the program sends."""
        return await self._ask(Calls.render_packets(source, program, options))

    async def render_profile(
        self, requests: Sequence[Mapping[str, Any]], options: Mapping[str, Any] | None = None
    ) -> ProfileResult:
        """The packets that profiles send, from the traffic engine's own requests."""
        return await self._ask(Calls.render_profile(requests, options))

    async def reconstruct_pkt(
        self, frame: bytes, changes: Model | None = None, link_type: LinkType | None = None
    ) -> AsyncPacket:
        """Dissect a frame, change it, and build it again."""
        return self._packet(await self._ask(Calls.reconstruct_pkt(frame, changes, link_type)))

    async def read_expression(self, expression: str) -> list[JsonObject]:
        """The packet model of a Scapy expression."""
        return await self._ask(Calls.read_expression(expression))

    async def write_expression(
        self, frame: bytes, first_layer: str | None = None
    ) -> WrittenExpression:
        """The Scapy expression that builds a frame, and the imports that it needs in Python."""
        return await self._ask(Calls.write_expression(frame, first_layer))

    async def get_all_pkt_offsets(self, expression: str) -> list[Any]:
        """The first version's triple, and the places of the fields of each layer."""
        return calls.offsets_of(await self._ask(Calls.get_all_pkt_offsets(expression)))

    async def read_pcap(self, capture: bytes) -> list[AsyncPacket]:
        """Dissect the packets of a capture file."""
        packets = await self._ask(Calls.read_pcap(capture))
        return [self._packet(packet) for packet in packets]

    async def read_pcap_page(
        self, capture: bytes, start: int = 1, count: int | None = None, detail: Detail = "tree"
    ) -> CapturePage:
        """A part of a capture file, from packet number `start` on, with times and comments.

        `next` of the page is the number to go on from. Of each packet there is its field
        `tree`, its `bytes` alone, or a `summary`.
        """
        return await self._ask(Calls.read_pcap_page(capture, start, count, detail))

    async def write_pcap(
        self, packets: Iterable[bytes | CapturedPacket], link_type: LinkType | None = None
    ) -> bytes:
        """A capture file of frames, or of packets of a page with all that was read of them.

        `link_type` is that of frames, Ethernet if it is not given.
        """
        return await self._ask(Calls.write_pcap(packets, link_type))

    async def get_templates(self) -> list[TemplateEntry]:
        """The predefined templates: id, name and description of each."""
        return await self._ask(Calls.get_templates())

    async def get_template(self, template_id: str) -> bytes:
        """The JSON text of a template."""
        return await self._ask(Calls.get_template(template_id))

    async def ping(self) -> None:
        """Return when the server has answered."""
        await self._ask(Calls.ping())

    async def server_status(self) -> ServerStatus:
        """How the server is doing: workers, queue, totals, latencies, restarts."""
        return await self._ask(Calls.server_status())

    async def shut_down(self) -> str:
        """End the server."""
        return await self._ask(Calls.shut_down())

    async def _ask(self, call: Call[T]) -> T:
        request_id = next(self._ids)
        message = calls.encoded(calls.request(call.method, call.params, request_id))
        reply = await self._connection.exchange(message, calls.is_repeatable(call.method))
        return call.read(calls.result_of(reply, request_id))

    def _packet(self, result: PacketResult) -> AsyncPacket:
        return Packet(result, self._expression)

    async def _expression(self, frame: bytes, first_layer: str) -> str:
        return (await self.write_expression(frame, first_layer)).expression
