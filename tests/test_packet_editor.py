"""The packet editor's whole way of working, over a socket: what its window does, in order.

It shakes hands, reads definitions and templates, draws packets from what it stores (texts), fills
in the recipes of the Field Engine by itself, and appends whatever it is offered.

Source: docs/clients.md, "The packet editor".
"""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import zmq

from tests.running import PATIENCE

Json = dict[str, Any]

#: What people build in the window.
STACKS = (
    "Ether/IP/TCP/Raw",
    "Ether/IP/UDP/Raw",
    "Ether/IPv6/UDP/Raw",
    "Ether/Dot1Q/IP/TCP/Raw",
    "Ether/ARP",
    "Ether/IP/ICMP",
)


class Window:
    """A connection that asks as the editor does: ids as text, the handler in front."""

    def __init__(self, port: int) -> None:
        self._socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.REQ)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        self._socket.connect(f"tcp://127.0.0.1:{port}")
        self._number = 0
        version = self.sent({"method": "get_version"})["version"]
        self._handler = self.asked("get_version_handler", *version.split("."))
        definitions = self.call("get_definitions", None)
        self.protocols: dict[str, Json] = {each["id"]: each for each in definitions["protocols"]}
        self.instructions = {each["id"]: each for each in definitions["feInstructions"]}
        self.parameters = {each["id"]: each for each in definitions["feInstructionParameters"]}
        self.recipes = {each["id"]: each["instructionIds"] for each in definitions["feTemplates"]}

    def sent(self, request: Json) -> Any:
        reply = self._exchanged(request)
        assert "error" not in reply, (request, reply)
        return reply["result"]

    def _exchanged(self, request: Json) -> Json:
        self._number += 1
        # Gson writes these characters as escapes, and leaves out what is null.
        text = json.dumps({"jsonrpc": "2.0", "id": str(self._number), **request})
        for character in "'=<>&":
            text = text.replace(character, f"\\u{ord(character):04x}")
        self._socket.send(text.encode())
        reply: Json = json.loads(self._socket.recv())
        assert reply["id"] == str(self._number)
        return reply

    def asked(self, method: str, *params: Any) -> Any:
        return self.sent({"method": method, "params": list(params)})

    def call(self, method: str, *params: Any) -> Any:
        return self.asked(method, self._handler, *params)

    def builds(self, model: list[Json]) -> bool:
        request = {"method": "build_pkt", "params": [self._handler, model]}
        return "result" in self._exchanged(request)

    def close(self) -> None:
        self._socket.close()

    def stored(self, packet: Json) -> list[Json]:
        """The model that the window keeps of a packet: texts of what has a plain value."""
        return [
            {
                "id": layer["id"],
                "fields": [
                    {"id": field["id"], "value": field["hvalue"]}
                    for field in layer["fields"]
                    if not isinstance(field["value"], dict) and not field.get("ignored")
                ],
            }
            for layer in packet["data"]
        ]

    def recipe(self, name: str, layer: str, field: Json) -> list[Json]:
        """The instructions of a recipe for a field, as the window fills them in."""
        variable = f"{layer}_{field['id']}"
        own = {
            "name": variable,
            "fv_name": variable,
            "pkt_offset": f"{layer}.{field['id']}",
            "init_value": field["hvalue"],
        }
        return [
            {
                "id": instruction,
                "parameters": {
                    parameter: own.get(
                        parameter, str(self.parameters[parameter].get("defaultValue", ""))
                    )
                    for parameter in self.instructions[instruction]["parameters"]
                },
            }
            for instruction in self.recipes[name]
        ]


@pytest.fixture(scope="module")
def window(server_port: int) -> Iterator[Window]:
    window = Window(server_port)
    yield window
    window.close()


def model_of(stack: str) -> list[Json]:
    return [{"id": layer, "fields": []} for layer in stack.split("/")]


def program(instructions: list[Json]) -> Json:
    return {
        "field_engine": {
            "instructions": instructions,
            "global_parameters": {"cache_size": "1000"},
        }
    }


@pytest.mark.processes
def test_every_template_opens_and_stays_as_it_is(window: Window) -> None:
    templates = window.call("get_templates")
    assert len(templates) == 81
    for template in templates:
        document = json.loads(base64.b64decode(window.call("get_template", {"id": template["id"]})))
        model, extra = document["packet"], {"instructions": document["feInstructions"]}
        for layer in model:
            known = {field["id"] for field in window.protocols[layer["id"]]["fields"]}
            assert {field["id"] for field in layer["fields"]} <= known
        parameters = {"global_parameters": document["fePrarameters"]}
        built = window.call("build_pkt_ex", model, {"field_engine": {**extra, **parameters}})
        assert built["field_engine"]["error"] is None
        assert [layer["valid_structure"] for layer in built["data"]] == [True] * len(model)
        assert window.call("reconstruct_pkt", built["binary"], [])["binary"] == built["binary"]


@pytest.mark.processes
@pytest.mark.parametrize("stack", STACKS)
def test_a_packet_is_built_edited_and_stored(window: Window, stack: str) -> None:
    built = window.call("build_pkt_ex", model_of(stack), program([]))
    capture = window.call("write_pcap", [built["binary"]])
    (read,) = window.call("read_pcap", capture)
    assert read["binary"] == built["binary"]
    assert window.call("build_pkt", window.stored(read))["binary"] == built["binary"]
    address = [{"id": "Ether", "fields": [{"id": "src", "value": "00:11:22:33:44:55"}]}]
    edited = base64.b64decode(window.call("reconstruct_pkt", built["binary"], address)["binary"])
    before = base64.b64decode(built["binary"])
    assert edited == before[:6] + bytes.fromhex("001122334455") + before[12:]


#: Why the program of a recipe may not compile: the text that the window fills in is no number,
#: as with the original; the engine dies; there is nothing to write to.
NO_PROGRAM = re.compile(
    r"init_value: .* is (not a whole number|an IPv6 address)|past the end of the packet"
    r"|takes no bytes in this packet"
)


@pytest.mark.processes
@pytest.mark.parametrize("stack", STACKS)
def test_recipes_compile_wherever_the_engine_runs_them(window: Window, stack: str) -> None:
    model = model_of(stack)
    for layer in window.call("build_pkt", model)["data"]:
        for field in layer["fields"]:
            for name in window.recipes:
                instructions = window.recipe(name, layer["id"], field)
                engine = window.call("build_pkt_ex", model, program(instructions))["field_engine"]
                if engine["error"] is None:
                    kinds = [each["type"] for each in engine["instructions"]["instructions"]]
                    assert kinds[-1] == "write_flow_var"
                else:
                    assert NO_PROGRAM.search(engine["error"]), (layer["id"], field["id"], engine)


@pytest.mark.processes
@pytest.mark.sweep
def test_whatever_is_offered_can_be_appended(window: Window) -> None:
    for layer in window.protocols:
        if not window.builds(model_of(layer)):
            continue  # it needs a layer below or a value
        offers = window.call("get_payload_classes", [{"id": layer}])
        built = {offered: window.builds(model_of(f"{layer}/{offered}")) for offered in offers}
        assert all(built.values()), (layer, built)


#: ZMTP 2.0, as JeroMQ 0.3 speaks it: signature, revision 1, a requester without a name.
GREETING = b"\xff" + bytes(7) + b"\x01\x7f" + b"\x01\x03" + b"\0\0"


@pytest.mark.processes
def test_the_library_of_old_windows_is_served(server_port: int) -> None:
    request = b'{"jsonrpc":"2.0","id":"1","method":"get_version"}'
    with socket.create_connection(("127.0.0.1", server_port), timeout=PATIENCE) as old:
        old.sendall(GREETING + b"\x01\0" + bytes([0, len(request)]) + request)
        received = b""
        while b'"result"' not in received:
            received += old.recv(4096)
    assert b'"version":"1.02"' in received
