"""The examples of the RPC document, as printed, from the requests to the values in the replies.

tests/documents holds them verbatim. They are printed as JSON with comments, with dots where
something is left out, now and then as Python; `read` takes all that off. Slips of the print
are listed below, and so is what is answered otherwise today, each with its reason.
"""

from __future__ import annotations

import ast
import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from scapy.packet import Packet

from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.layers.registry import Registry
from scapy_server.rpc import Dispatcher

EXAMPLES = Path(__file__).parent / "documents"

#: What the print has wrong, where, and what is meant.
SLIPS = {
    "result": [
        ('"offset": 34\n', '"offset": 34,\n'),
        # Places of fields that are left out.
        ("... # same as for dst", '"hvalue": "00:00:00:02:00:00"'),
    ],
    "result_ex": [
        ('"binary": #same as in build_pkt\n', '"binary": "same",\n'),
        ('"data": #same as in build_pkt\n', '"data": "same",\n'),
        ('"name": "Ether_dst", \n', '"name": "Ether_dst",\n'),
    ],
    "definitions": [
        ('"name": "Type"\n', '"name": "Type",\n'),
        ('"name": "prio"\n', '"name": "prio",\n'),
        ("\n]\n\n]\n", "\n]\n"),
    ],
    "get_all": [
        # The list of fields ends the dictionary of protocols, the dots end the reply.
        (
            "                              .\n                              .\n"
            "                              .\n               'db_md5'",
            "}, 'db_md5'",
        ),
        (
            "                          .\n                          .\n"
            "                          .\n\n}",
            "}}}",
        ),
    ],
}


def printed(name: str) -> str:
    """The text of an example as the document prints it."""
    return (EXAMPLES / f"{name}.txt").read_text()


def read(name: str) -> Any:
    """The value that a whole example means."""
    text = printed(name)
    for wrong, meant in SLIPS.get(name, []):
        assert wrong in text, f"{wrong!r} is no slip any more"
        text = text.replace(wrong, meant)
    return value_of(text)


def request_in(name: str) -> dict[str, Any]:
    """The request of an example that shows a call."""
    request, _ = json.JSONDecoder().raw_decode(printed(name).partition("'Request':")[2].lstrip())
    assert isinstance(request, dict)
    return request


def responses_in(name: str) -> list[Any]:
    """The replies of an example that shows a call."""
    text = printed(name)
    for wrong, meant in SLIPS.get(name, []):
        text = text.replace(wrong, meant)
    return [value_of(part) for part in re.split(r"'Res(?:ponse|ult)':(?:\s*#[^\n]*)?", text)[1:]]


def value_of(text: str) -> Any:
    """The value of an example without its comments and dots."""
    text = re.sub(r'("(?:[^"\\]|\\.)*")|(?:#|//)[^\n]*', lambda found: found[1] or "", text)
    text = re.sub(r"^[ .]*\.[ ]*$|(?<=\{ )\.$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\b(true|false)\b", lambda found: found[0].title(), text)
    text = text.strip()
    return ast.literal_eval(text if text[0] in "[{" else f"{{{text}}}")


def answer(dispatcher: Dispatcher, request: dict[str, Any]) -> dict[str, Any]:
    reply = json.loads(dispatcher.handle(json.dumps(request).encode()).data)
    assert reply["jsonrpc"] == "2.0"
    assert reply["id"] == request["id"]
    assert isinstance(reply, dict)
    return reply


def call(dispatcher: Dispatcher, method: str, *params: object) -> Any:
    request = {"jsonrpc": "2.0", "id": "1", "method": method, "params": list(params)}
    reply = answer(dispatcher, request)
    assert "error" not in reply, reply["error"]
    return reply["result"]


def by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in items}


# --- Packets ---


def test_the_model_is_the_expression(dispatcher: Dispatcher, registry: Registry) -> None:
    result = call(dispatcher, "build_pkt", read("model"))
    assert [layer["id"] for layer in result["data"]] == ["Ether", "Dot1Q", "Dot1Q", "IP", "TCP"]
    shown = [by_id(layer["fields"]) for layer in result["data"]]
    assert shown[0]["src"]["value"] == "de:ad:be:ef:de:ad"
    assert shown[2]["type"]["value"] == 1  # printed as vtype, today's name is type
    assert shown[3]["src"]["value"] == "127.0.0.1"
    assert (shown[3]["chksum"]["value"], shown[3]["chksum"]["hvalue"]) == (0x312, "0x312")
    assert (shown[4]["sport"]["value"], shown[4]["sport"]["hvalue"]) == (443, "443")
    # The printed expression says the same.
    packet = evaluate(printed("model_expression").strip(), registry)
    assert isinstance(packet, Packet)
    assert base64.b64encode(packet.build()).decode() == result["binary"]


def test_each_of_the_value_types_is_one(dispatcher: Dispatcher) -> None:
    forms = [json.loads(found) for found in re.findall(r"\{[^}]*\}", printed("value_types"))]
    assert [form["vtype"] for form in forms] == ["BYTES", "EXPRESSION", "UNDEFINED", "RANDOM"]
    given_bytes, expression, undefined, random = forms
    given_bytes["base64"] = PAYLOAD
    for field, layer, value in (
        ("load", "Raw", given_bytes),
        ("options", "TCP", expression),  # TCPOptions() makes the default list
        ("ttl", "IP", undefined),
        ("ttl", "IP", random),
        ("ttl", "IP", 5),
        ("ttl", "IP", "5"),
    ):
        model = [{"id": layer, "fields": [{"id": field, "value": value}]}]
        assert call(dispatcher, "build_pkt", model)["data"][0]["id"] == layer


#: What "my_payload_base64", which is no base64, stands for in the print.
PAYLOAD = base64.b64encode(b"my_payload").decode()


def test_the_payload_example(dispatcher: Dispatcher, registry: Registry) -> None:
    model = read("payload_model")
    with pytest.raises(AssertionError, match="must be base64 in the standard alphabet"):
        call(dispatcher, "build_pkt", model)
    assert model[3]["fields"][0]["value"].pop("base64") == "my_payload_base64"
    model[3]["fields"][0]["value"]["base64"] = PAYLOAD
    result = call(dispatcher, "build_pkt", model)
    # `my_payload` in the printed expression is the payload's bytes.
    expression = printed("payload_expression").strip().replace("my_payload", "b'my_payload'")
    packet = evaluate(expression, registry)
    assert isinstance(packet, Packet)
    assert base64.b64encode(packet.build()).decode() == result["binary"]


def test_the_result_example(dispatcher: Dispatcher) -> None:
    expected = read("result")
    layers = [{"id": layer["id"]} for layer in expected["data"]]
    result = call(dispatcher, "build_pkt", layers)
    assert result["binary"] == expected["binary"]
    for layer, found in zip(expected["data"], result["data"], strict=True):
        shown = by_id(found["fields"])
        for field in layer.pop("fields"):
            if (layer["id"], field["id"]) == ("TCP", "options"):
                # The print shows the options of some other packet; places are the same.
                del field["value"], field["hvalue"]
            assert shown[field["id"]].items() >= field.items()
        assert found.items() >= layer.items()


def test_the_options_in_the_result_example(dispatcher: Dispatcher) -> None:
    options = by_id(by_id(read("result")["data"])["TCP"]["fields"])["options"]["value"]
    model = [{"id": "TCP", "fields": [{"id": "options", "value": options}]}]
    result = call(dispatcher, "build_pkt", model)
    shown = by_id(result["data"][0]["fields"])["options"]
    assert (shown["value"], shown["hvalue"]) == (options, options["expr"])
    assert (shown["offset"], shown["length"]) == (20, 8)


def test_the_example_of_the_extended_mode(dispatcher: Dispatcher) -> None:
    model = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
    expected = read("result_ex")
    result = call(dispatcher, "build_pkt_ex", model, read("field_engine"))
    assert result.keys() >= expected.keys()
    plain = call(dispatcher, "build_pkt", model)
    assert (result["binary"], result["data"]) == (plain["binary"], plain["data"])
    assert expected["field_engine"].keys() == {"error", "instructions"}
    assert result["field_engine"].keys() >= {"error", "instructions"}
    # Printed as "", which the packet editor takes for an error to show.
    assert result["field_engine"]["error"] is None


# --- Definitions ---

_OWN_TYPE = "the packet editor has a type of its own for it"

#: Members of printed definitions that are answered otherwise. Names are labels for people:
#: ours are longer, and none is compared.
DEFINED_OTHERWISE: dict[tuple[str, str, str], str] = {
    ("Ether", "dst", "type"): _OWN_TYPE,
    ("Ether", "src", "type"): _OWN_TYPE,
    ("Ether", "dst", "regex"): "the same language in another spelling",
    ("Ether", "src", "regex"): "the same language in another spelling",
    ("Dot1Q", "id", "id"): "Scapy calls the field dei today, and takes id for it",
    ("TCP", "flags", "auto"): "false is left out",
    ("TCP", "options", "type"): _OWN_TYPE,
    ("IP", "options", "type"): _OWN_TYPE,
    ("IP", "src", "type"): _OWN_TYPE,
    ("IP", "src", "regexp"): "a placeholder in the print, under a name that nobody reads",
    ("IP", "dst", "regexp"): "a placeholder in the print, under a name that nobody reads",
    ("IP", "ttl", "min"): "a frame may have a ttl of 0, which is shown",
    ("IP", "flags", "min"): "a bit mask has no range",
    ("IP", "flags", "max"): "a bit mask has no range",
}


def test_the_definitions_example(dispatcher: Dispatcher) -> None:
    expected = read("definitions")["protocols"]
    ids = [protocol["id"] for protocol in expected]
    found = by_id(call(dispatcher, "get_definitions", ids)["protocols"])
    assert list(found) == ids
    otherwise = set()
    for protocol in expected:
        fields = by_id(found[protocol["id"]]["fields"])
        for field in protocol["fields"]:
            answered = fields.get(field["id"])
            if answered is None:
                otherwise.add((protocol["id"], field["id"], "id"))
                continue
            otherwise |= {
                (protocol["id"], field["id"], member)
                for member in field.keys() - {"name"}
                if not agrees(member, field[member], answered.get(member))
            }
    assert otherwise == DEFINED_OTHERWISE.keys()


def agrees(member: str, printed: Any, answered: Any) -> bool:
    if member == "values_dict":
        return bool(answered) and answered.items() >= printed.items()
    if member == "bits":
        return [(bit["mask"], [value["value"] for value in bit["values"]]) for bit in answered] == [
            (bit["mask"], [value["value"] for value in bit["values"]]) for bit in printed
        ]
    return bool(printed == answered)


def test_names_that_the_print_and_we_both_have_mean_the_same(dispatcher: Dispatcher) -> None:
    expected = by_id(read("definitions")["protocols"])
    found = by_id(call(dispatcher, "get_definitions", ["Ether"])["protocols"])["Ether"]
    printed = by_id(expected["Ether"]["fields"])["type"]["values_dict"]
    ours = by_id(found["fields"])["type"]["values_dict"]
    both = printed.keys() & ours.keys()
    assert {"IPv4", "ARP", "IPv6", "LOOP", "n_802_1Q", "PPP_SES"} <= both
    assert {name: ours[name] for name in both} == {name: printed[name] for name in both}


# --- Calls ---


def test_supported_methods(dispatcher: Dispatcher) -> None:
    (expected,) = responses_in("supported_methods")
    reply = answer(dispatcher, request_in("supported_methods"))
    assert reply.items() >= {"id": expected["id"], "jsonrpc": expected["jsonrpc"]}.items()
    for name, (_, printed) in expected["result"].items():
        count, names = reply["result"][name]
        assert names[: len(printed)] == printed  # ours may take more behind them
        assert count == len(names)
    assert call(dispatcher, "supported_methods", "build_pkt") is True
    assert call(dispatcher, "supported_methods", "no_such_method") is False


def test_get_all(dispatcher: Dispatcher) -> None:
    (expected,) = responses_in("get_all")
    reply = answer(dispatcher, request_in("get_all"))
    assert reply["id"] == expected["id"] == 1
    result, printed_result = reply["result"], expected["result"]
    assert result.keys() > printed_result.keys()
    arp = dict(result["db"]["ARP"][i][:2] for i in range(len(result["db"]["ARP"])))
    assert list(arp) == [field for field, _, _ in printed_result["db"]["ARP"]]
    # Classes and defaults of the fields that Scapy has not changed since.
    same = {"ptype", "op", "hwdst", "pdst"}
    assert [entry for entry in result["db"]["ARP"] if entry[0] in same] == [
        list(entry) for entry in printed_result["db"]["ARP"] if entry[0] in same
    ]
    known = printed_result["fields"].keys() & result["fields"].keys()
    assert known == {"BCDFloatField", "BitEnumField"}
    assert all(result["fields"][name] == "empty" for name in known)
    assert len(base64.b64decode(result["db_md5"])) == 16  # printed with a line feed behind


def test_check_update(dispatcher: Dispatcher) -> None:
    failure, success = responses_in("check_update")
    error = answer(dispatcher, request_in("check_update"))["error"]
    assert error["code"] == failure["error"]["code"]
    assert error["message"] == failure["error"]["message:"]  # the colon is the print's
    databases = call(dispatcher, "get_all")
    result = call(dispatcher, "check_update", databases["db_md5"], databases["fields_md5"])
    assert result is success["result"]


def test_get_version(dispatcher: Dispatcher) -> None:
    (expected,) = responses_in("get_version")
    result = answer(dispatcher, request_in("get_version"))["result"]
    assert result.keys() > expected["result"].keys()
    # Printed as v1.0; the packet editor splits it and sends the numbers back.
    assert result["version"] == "1.02"


def test_get_tree(dispatcher: Dispatcher) -> None:
    (expected,) = responses_in("get_tree")
    assert answer(dispatcher, request_in("get_tree")) == expected


def test_get_templates(dispatcher: Dispatcher) -> None:
    (expected,) = read("get_templates")
    found = by_id(call(dispatcher, "get_templates"))["TCP-SYN"]
    assert found["meta"]["name"] == expected["meta"]["name"]
    assert isinstance(found["meta"]["description"], str)  # printed empty


def test_shut_down(dispatcher: Dispatcher) -> None:
    request = printed("shut_down").partition("//Sending Request: ")[2].partition("\n")[0]
    reply = dispatcher.handle(request.encode())
    assert reply.shut_down
    assert isinstance(json.loads(reply.data)["result"], str)


def test_every_example_is_read() -> None:
    text = Path(__file__).read_text()
    for path in EXAMPLES.iterdir():
        assert f'("{path.stem}")' in text, path
