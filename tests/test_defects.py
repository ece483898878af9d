"""What the original server did wrong, numbered as in docs/wire.md, "Defects not repeated".

These lie in the domain: values, expressions, packets and the catalogue. Those between the
socket and the domain are in tests/server/test_defects.py.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from tests.packet.cases import Json, expression, layer
from tests.services.packets.calling import HANDLER, call, error

REFUSED = -32098
STACK = [layer("Ether"), layer("IP"), layer("TCP")]


def build(dispatcher: Dispatcher, *model: Json) -> Any:
    return call(dispatcher, "build_pkt", [HANDLER, list(model)])


def refusal(dispatcher: Dispatcher, *model: Json) -> str:
    code, message = error(dispatcher, "build_pkt", [HANDLER, list(model)])
    assert code == REFUSED
    return message


def frame(result: Any) -> bytes:
    return base64.b64decode(result["binary"], validate=True)


def field(result: Any, depth: int, name: str) -> Any:
    return next(each for each in result["data"][depth]["fields"] if each["id"] == name)


# --- Expressions are not code ---


@pytest.mark.parametrize(
    "text",
    [
        "exit()",
        "quit()",
        "__import__('os').getpid()",
        "__import__('ctypes').string_at(0)",
        "open('/etc/passwd').read()",
        "().__class__.__bases__[0].__subclasses__()",
        "eval('1')",
        "[x for x in (1, 2)]",
        "(lambda: 1)()",
        "f'{1}'",
        "IP.__init__",
        "conf",
    ],
)
def test_d07_d08_d09_an_expression_runs_nothing(text: str, dispatcher: Dispatcher) -> None:
    message = refusal(dispatcher, layer("Ether"), layer("Raw", load=expression(text)))
    assert message.startswith("Scapy Server: layer 1 (Raw), field load, column ")
    assert call(dispatcher, "build_pkt", [[layer("Ether")]])["binary"]


# --- Offsets ---


def test_d19_offsets_of_a_layer_that_comes_twice(dispatcher: Dispatcher) -> None:
    outer = layer("GRE", key_present=1, chksum_present=1, seqnum_present=1)
    result = build(
        dispatcher, layer("Ether"), layer("IP"), outer, layer("IP"), layer("GRE"), layer("IP")
    )
    assert [(field(result, 2, name)["offset"]) for name in ("chksum", "key")] == [4, 8]
    assert field(result, 2, "sequence_number")["offset"] == 12
    assert [layer["offset"] for layer in result["data"]] == [0, 14, 34, 50, 70, 74]
    assert field(result, 4, "key")["ignored"] is True


def test_d22_layers_behind_options_of_any_length(dispatcher: Dispatcher) -> None:
    for routers, offset in ((["1.2.3.4", "5.6.7.8"], 46), (["1.2.3.4"], 42)):
        options = expression(f"[IPOption_SSRR(routers={routers})]")
        result = build(dispatcher, layer("Ether"), layer("IP", options=options), layer("TCP"))
        assert result["data"][2]["offset"] == offset
        assert frame(result)[offset : offset + 4] == b"\0\x14\0\x50"


# --- Values in and out ---


def test_d20_dhcp_options_by_their_names(dispatcher: Dispatcher) -> None:
    options = expression("[('message-type','discover'),'end']")
    result = build(dispatcher, layer("DHCP", options=options))
    assert frame(result) == b"\x35\x01\x01\xff"


def test_d21_dhcp_options_are_accepted_back(dispatcher: Dispatcher) -> None:
    options = expression("[('message-type','discover'),('hostname','pc'),'end']")
    result = build(dispatcher, layer("DHCP", options=options))
    shown = field(result, 0, "options")
    for back in (shown["value"], shown["hvalue"], expression(shown["hvalue"])):
        assert build(dispatcher, layer("DHCP", options=back)) == result


def test_d23_empty_tcp_options_are_an_expression(dispatcher: Dispatcher) -> None:
    options = field(build(dispatcher, *STACK), 2, "options")
    assert (options["value"], options["hvalue"]) == (expression("[]"), "[]")
    typed = build(dispatcher, layer("TCP", options="[('MSS',1460)]"))
    assert field(typed, 0, "options")["hvalue"] == "[('MSS', 1460)]"


def test_d24_every_hvalue_is_text_and_every_expression_has_one(dispatcher: Dispatcher) -> None:
    stacks = [
        [layer("Ether"), layer("IP"), layer("GRE"), layer("IP"), layer("ICMP")],
        [layer("RadioTap"), layer("Dot11"), layer("Dot11Beacon")],
        [layer("Ether"), layer("IP"), layer("UDP"), layer("NTP")],
        [layer("Ether"), layer("IP"), layer("UDP"), layer("DNS")],
    ]
    for stack in stacks:
        for each in build(dispatcher, *stack)["data"]:
            for shown in each["fields"]:
                assert isinstance(shown["hvalue"], str), shown
                if isinstance(shown["value"], dict) and shown["value"]["vtype"] == "EXPRESSION":
                    assert isinstance(shown["value"]["expr"], str), shown


def test_d25_what_is_absent_is_ignored(dispatcher: Dispatcher) -> None:
    dns = build(dispatcher, layer("Ether"), layer("IP"), layer("UDP"), layer("DNS"))
    assert field(dns, 3, "length")["ignored"] is True
    icmp = build(dispatcher, layer("Ether"), layer("IP"), layer("ICMP"))
    assert field(icmp, 2, "gw")["ignored"] is True
    vxlan = build(dispatcher, layer("VXLAN"))
    assert field(vxlan, 0, "gpid")["ignored"] is True
    assert "ignored" not in field(vxlan, 0, "vni")


def test_d26_lengths_are_those_of_the_bytes(dispatcher: Dispatcher) -> None:
    arp = build(dispatcher, layer("ARP"))
    assert [field(arp, 0, name)["length"] for name in ("hwsrc", "psrc", "hwdst", "pdst")] == [
        6,
        4,
        6,
        4,
    ]
    assert field(build(dispatcher, layer("VXLAN")), 0, "vni")["length"] == 3
    stack = build(dispatcher, layer("Ether"), layer("Raw"), layer("Ether"), layer("IP"))
    assert field(stack, 1, "load")["length"] == 5


# --- One draw, one evaluation ---


def test_d27_a_random_value_is_drawn_once(dispatcher: Dispatcher) -> None:
    for _ in range(20):
        result = build(dispatcher, layer("IP", ttl={"vtype": "RANDOM"}))
        assert frame(result)[8] == field(result, 0, "ttl")["value"]


def test_d28_the_extended_mode_builds_once(dispatcher: Dispatcher) -> None:
    model = [layer("IP", id={"vtype": "RANDOM"})]
    result = call(dispatcher, "build_pkt_ex", [HANDLER, model, {}])
    assert int.from_bytes(frame(result)[4:6], "big") == field(result, 0, "id")["value"]


# --- Ids ---


def test_d36_padding_goes_by_the_id_it_was_shown_with(dispatcher: Dispatcher) -> None:
    padded = base64.b64encode(frame(build(dispatcher, *STACK)) + bytes(6)).decode()
    result = call(dispatcher, "reconstruct_pkt", [HANDLER, padded, []])
    ids = [each["id"] for each in result["data"]]
    assert ids == ["Ether", "IP", "TCP", "Raw"]
    assert result["data"][3]["real_id"] == "Padding"
    model = [{"id": each} for each in ids]
    assert call(dispatcher, "reconstruct_pkt", [HANDLER, padded, model])["binary"] == padded
    model[3] = {"id": "Padding"}
    assert call(dispatcher, "reconstruct_pkt", [HANDLER, padded, model])["binary"] == padded


def test_d38_every_protocol_is_described(dispatcher: Dispatcher) -> None:
    definitions = call(dispatcher, "get_definitions", [HANDLER, None])["protocols"]
    ids = {protocol["id"] for protocol in definitions}
    assert {
        "ICMPv6EchoRequest",
        "ICMPv6EchoReply",
        "ICMPv6ND_RS",
        "ICMPv6ND_RA",
        "SCTP",
        "Dot1AD",
        "NTP",
    } <= ids
    # What stands in a field of another layer is no protocol, and described when it is named.
    named = call(dispatcher, "get_definitions", [HANDLER, ["DNSQR"]])["protocols"]
    assert [protocol["id"] for protocol in named] == ["DNSQR"]
    for below in ("Ether", "IP", "IPv6", "UDP", "TCP", "Dot1Q", "GRE"):
        payloads = call(dispatcher, "get_payload_classes", [HANDLER, [layer(below)]])
        assert set(payloads) <= ids
        assert "Padding" not in payloads


def test_d39_fields_with_names_have_a_type(dispatcher: Dispatcher) -> None:
    definitions = call(dispatcher, "get_definitions", [HANDLER, None])["protocols"]
    for protocol in definitions:
        for each in protocol["fields"]:
            if each.get("type") == "ENUM":
                assert each["values_dict"], (protocol["id"], each["id"])
            assert each.get("values_dict") != {}, (protocol["id"], each["id"])


def test_d40_the_result_has_the_requested_id(dispatcher: Dispatcher) -> None:
    for layer_id in ("NTP", "Dot11Encrypted", "IGMP", "IPOption"):
        assert build(dispatcher, layer(layer_id))["data"][0]["id"] == layer_id


# --- Bad values ---


@pytest.mark.parametrize(
    ("layer_id", "name", "value"),
    [
        ("IP", "src", "300.1.1.1"),
        ("IP", "src", "0x01020304"),
        ("IP", "src", "1.2.3.4/30"),
        ("Ether", "dst", "00:00:00:00:00:00:00"),
        ("ARP", "psrc", "300.1.1.1"),
        ("IPv6", "dst", "1::2::3"),
    ],
)
def test_d41_bad_addresses_are_refused(
    layer_id: str, name: str, value: str, dispatcher: Dispatcher
) -> None:
    message = refusal(dispatcher, layer(layer_id, **{name: value}))
    assert f"layer 0 ({layer_id}), field {name}: '{value}' is not an" in message.replace(
        "is not a ", "is not an "
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            [layer("Ether"), layer("IP", ttl="99999")],
            "Scapy Server: layer 1 (IP), field ttl: 99999 is out of range; ttl takes 0 to 255",
        ),
        (
            [layer("IP", ttl="abc")],
            "Scapy Server: layer 0 (IP), field ttl: 'abc' is not a number; ttl takes 0 to 255",
        ),
        (
            [layer("Nope")],
            "Scapy Server: layer 0 (Nope): there is no layer 'Nope'",
        ),
        (
            [layer("IP", nope=1)],
            "Scapy Server: layer 0 (IP): there is no field 'nope' in IP",
        ),
        (
            [{"id": "IP", "fields": [{"id": "ttl"}]}],
            'Scapy Server: layer 0 (IP), field ttl: the member "value" is missing',
        ),
    ],
    ids=lambda value: "" if isinstance(value, list) else value[14:40],
)
def test_d42_a_refusal_says_what_and_where(
    model: list[Json], message: str, dispatcher: Dispatcher
) -> None:
    assert refusal(dispatcher, *model).startswith(message)


# --- Templates ---


def test_d02_a_template_is_text(dispatcher: Dispatcher) -> None:
    text = call(dispatcher, "get_template", [HANDLER, {"id": "TCP-SYN"}])
    assert json.loads(base64.b64decode(text))["packet"]


def test_d43_a_missing_template_says_nothing_of_the_server(dispatcher: Dispatcher) -> None:
    code, message = error(dispatcher, "get_template", [HANDLER, {"id": "nope"}])
    assert code == REFUSED
    assert "nope" in message
    assert "/" not in message


def test_d44_the_templates_are_what_they_say(dispatcher: Dispatcher) -> None:
    metas = {
        item["id"]: item["meta"]["name"] for item in call(dispatcher, "get_templates", [HANDLER])
    }
    assert len(set(metas.values())) == len(metas)
    assert "REQUEST" in metas["ARP/ARP-REQUEST"].upper()
    for template_id in metas:
        template = json.loads(
            base64.b64decode(call(dispatcher, "get_template", [HANDLER, {"id": template_id}]))
        )
        for each in build(dispatcher, *template["packet"])["data"]:
            if each["id"] == "IP":
                length = next(f for f in each["fields"] if f["id"] == "len")
                built = build(dispatcher, *template["packet"])
                assert length["value"] <= len(frame(built)) - each["offset"], template_id


# --- Cost ---


def test_d45_a_short_pattern_fills_the_largest_payload(dispatcher: Dispatcher) -> None:
    load = {"vtype": "BYTES", "generate": "template", "template_base64": "eA==", "size": 1 << 20}
    assert frame(build(dispatcher, layer("Raw", load=load))) == b"x" * (1 << 20)


def test_d46_many_layers_are_built_once_each(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scapy.packet import Packet  # noqa: PLC0415

    built = 0
    self_build = Packet.self_build

    def counted(packet: Packet) -> bytes:
        nonlocal built
        built += 1
        return self_build(packet)

    monkeypatch.setattr(Packet, "self_build", counted)
    for count in (10, 40, 80):
        built = 0
        tags = [layer("Dot1Q", vlan=number) for number in range(count)]
        result = build(dispatcher, layer("Ether"), *tags, layer("IP"), layer("UDP"))
        assert len(result["data"]) == count + 3
        assert built <= 2 * (count + 3)


# --- Payload sizes ---


def test_d47_sizes_are_exact(dispatcher: Dispatcher) -> None:
    def size_of(**members: object) -> int:
        load = {"vtype": "BYTES", **members}
        return len(frame(build(dispatcher, *STACK, layer("Raw", load=load))))

    code = {"generate": "template_code", "template_code": "aabb"}
    assert size_of(**code, total_size=58) == 54
    assert size_of(**code, total_size=60) == 56
    random = {"generate": "random_bytes"}
    assert size_of(**random, total_size=64) == 60
    alone = build(dispatcher, layer("Raw", load={"vtype": "BYTES", **random, "total_size": 64}))
    assert len(frame(alone)) == 60  # not less the five bytes of the default payload
    binary = build(dispatcher, *STACK, layer("Raw", load="old payload"))["binary"]
    changes = [*map(layer, ("Ether", "IP", "TCP"))]
    changes.append(layer("Raw", load={"vtype": "BYTES", **random, "total_size": 64}))
    result = call(dispatcher, "reconstruct_pkt", [HANDLER, binary, changes])
    assert len(frame(result)) == 60  # not less the old payload


@pytest.mark.parametrize(
    "members",
    [
        {"generate": "foo", "size": 4},
        {"generate": "random_bytes", "size": -4},
        {"generate": "random_bytes", "total_size": -4},
        {"generate": "random_bytes"},
    ],
    ids=str,
)
def test_d48_what_cannot_be_generated_is_refused(members: Json, dispatcher: Dispatcher) -> None:
    load = {"vtype": "BYTES", **members}
    assert refusal(dispatcher, *STACK, layer("Raw", load=load)).startswith(
        "Scapy Server: layer 3 (Raw), field load: "
    )


@pytest.mark.parametrize("binary", ["AAAAAAAA", "AAAAAAAAAAAAAAAA"])
def test_d49_a_frame_shorter_than_its_first_layer_has_a_problem(
    binary: str, dispatcher: Dispatcher
) -> None:
    result = call(dispatcher, "reconstruct_pkt", [HANDLER, binary, []])
    assert [layer["id"] for layer in result["data"]] == ["Raw"]
    assert result["binary"] == binary
    assert result["problem"]


@pytest.mark.parametrize("binary", ["!!!!", "", "A"])
def test_d49_what_is_no_frame_is_refused(binary: str, dispatcher: Dispatcher) -> None:
    code, message = error(dispatcher, "reconstruct_pkt", [HANDLER, binary, []])
    assert code == REFUSED
    assert message


# --- The host ---

ASK = """
import json, sys
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher

table = dispatcher(Core.load())
for line in sys.stdin:
    print(table.handle(line.encode()).data.decode())
"""


@pytest.mark.processes
def test_d37_d50_answers_do_not_depend_on_the_process(dispatcher: Dispatcher) -> None:
    requests = [
        ("get_all", []),
        ("get_definitions", [None]),
        ("build_pkt", [[layer("Ether", type="LOOP")]]),
        ("build_pkt", [[layer("Ether"), layer("IP"), layer("ICMP", type=13)]]),
        ("build_pkt", [[layer("NTP")]]),
        ("build_pkt", [[layer("IPv6"), layer("UDP"), layer("DNS")]]),
        ("get_payload_classes", [[layer("IPv6")]]),
    ]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        for method, params in requests
    ]
    ours = [dispatcher.handle(line.encode()).data for line in lines]
    theirs = subprocess.run(
        [sys.executable, "-c", ASK],
        input="\n".join(lines).encode(),
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Chatham", "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=600,
    ).stdout.splitlines()
    assert ours == theirs


def test_d37_no_protocol_is_left_out_of_the_databases(dispatcher: Dispatcher) -> None:
    databases = call(dispatcher, "get_all", [HANDLER])
    for protocol in call(dispatcher, "get_definitions", [HANDLER, None])["protocols"]:
        entry = databases["db"][protocol["id"]]
        assert [name for name, _, _ in entry] == [each["id"] for each in protocol["fields"]]
    assert call(
        dispatcher,
        "check_update_of_dbs",
        [HANDLER, databases["db_md5"], databases["fields_md5"]],
    )


# --- Layers that cannot stand alone ---


@pytest.mark.parametrize("layer_id", ["IPOption", "LLTDAttribute", "PPP_LCP_Option"])
def test_d51_what_can_be_built_alone_is(layer_id: str, dispatcher: Dispatcher) -> None:
    assert build(dispatcher, layer(layer_id))["data"][0]["id"] == layer_id


@pytest.mark.parametrize("layer_id", ["Dot15d4Data", "Dot15d4Beacon", "Dot15d4Cmd"])
def test_d51_what_cannot_be_built_alone_says_why(layer_id: str, dispatcher: Dispatcher) -> None:
    message = refusal(dispatcher, layer(layer_id))
    assert message.startswith(f"Scapy Server: layer 0 ({layer_id}), field ")
    # On the layer that they need they are built.
    result = build(dispatcher, layer("Dot15d4"), layer(layer_id))
    assert [each["id"] for each in result["data"]] == ["Dot15d4", layer_id]
