"""The first version of the protocol: every request of its document, byte for byte.

Where the answers differ from the printed ones:

- `show2` is Scapy's own text. The document's comes from Scapy for Python 2, which wrote long
  integers with an `L` (`ihl = 5L`) and an empty option list of TCP as `{}`, and printing has
  squeezed its blanks.
- the checksums, and which databases are up to date, depend on the layers of the Scapy version;
- `get_version` tells the versions of this server.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from tests.services.packets.calling import call, error, reply_to

PING = b"""{
 "id": "l0tog11a",
 "jsonrpc": "2.0",
 "method": "ping",
 "params": null
}"""
GET_ALL = b"""{
 "jsonrpc": "2.0",
 "id": 1,
 "method": "get_all",
 "params": null
}"""
# Not JSON as it is printed: a comma is missing between the two members.
CHECK_UPDATE = rb"""{
 "jsonrpc": "2.0",
 "id": 1,
 "method": "check_update",
 "params": {
 "dbMD5": "'IlM5OXY3M2cxYUlEalNYcENhdmlmWGc9PVxuIg==\n'"
 "fieldMD5": "'InMzdzBSaXAvQjFuK3p1ajF0NFcwbmc9PVxuIg==\n'"
 }
}"""
GET_VERSION = b"""{
 "id": "wapkk8m6",
 "jsonrpc": "2.0",
 "method": "get_version",
 "params": null
}"""
BUILD_PKT = b"""{
 "id": "zweuldlh",
 "jsonrpc": "2.0",
 "method": "build_pkt",
 "params": "Ether()/IP(src='127.0.0.1')/TCP(sport=80)"
}"""
# Not JSON as it is printed: it has a comment.
BAD_BUILD_PKT = b"""{
 "id": "zweuldlh",
 "jsonrpc": "2.0",
 "method": "build_pkt",
 "params": "ETHER()-IP()" //not a valid SCAPY packet string
}"""
# Not JSON as it is printed: the expression stands in single quotes.
OFFSETS = b"""{
 "id": "pbxny90u",
 "jsonrpc": "2.0",
 "method": "get_all_pkt_offsets",
 "params": 'IP()'
}"""
# Not JSON as it is printed: single quotes and a comment.
BAD_OFFSETS = b"""{
 "id": "pbxny90u",
 "jsonrpc": "2.0",
 "method": "get_all_pkt_offsets",
 "params": 'IP()-ether~' //not a valid SCAPY packet string
}"""
GET_TREE = b"""{
 "id": "b1tr56yz",
 "jsonrpc": "2.0",
 "method": "get_tree",
 "params": null
}"""

COMMENT = b" //not a valid SCAPY packet string"


def answer(dispatcher: Dispatcher, message: bytes) -> Any:
    """The result of a request; its id is checked to come back."""
    reply = json.loads(dispatcher.handle(message).data)
    assert reply.keys() == {"jsonrpc", "id", "result"}, reply
    assert reply["jsonrpc"] == "2.0"
    assert reply["id"] == json.loads(message)["id"]
    return reply["result"]


@pytest.mark.parametrize(
    "message",
    [CHECK_UPDATE, BAD_BUILD_PKT, OFFSETS, BAD_OFFSETS],
    ids=["missing comma", "comment", "single quotes", "single quotes and comment"],
)
def test_what_the_document_prints_but_is_not_json(dispatcher: Dispatcher, message: bytes) -> None:
    """As printed these are answered as JSON-RPC demands; repaired they are tested below."""
    reply = json.loads(dispatcher.handle(message).data)
    assert (reply["id"], reply["error"]["code"]) == (None, -32700)


def test_ping(dispatcher: Dispatcher) -> None:
    assert dispatcher.handle(PING).data == b'{"jsonrpc":"2.0","id":"l0tog11a","result":{}}'


def test_get_all(dispatcher: Dispatcher, core: Core) -> None:
    text = answer(dispatcher, GET_ALL)
    assert isinstance(text, str)
    result = json.loads(text)
    assert result.keys() == {"db", "fields", "DB_md5", "fields_md5"}
    assert result["db"] == core.databases.protocols
    assert result["fields"] == core.databases.fields
    for member, current in (
        ("DB_md5", core.databases.protocols_md5),
        ("fields_md5", core.databases.fields_md5),
    ):
        # The wire has "fields_md5": "\\"oO1qiSnnm2SdORUM7Ca/Aw==\\\\n\\"", as printed.
        assert result[member] == f'"{current}\\n"'
        assert json.loads(result[member]) == f"{current}\n"
    assert r"\"\\\"" in json.dumps(text)


@pytest.mark.parametrize(
    "field",
    [
        ["dst", "MACField", "('00:00:00:01:00:00')"],
        ["src", "MACField", "('00:00:00:02:00:00')"],
        ["type", "XShortEnumField", "(36864)"],
    ],
)
def test_the_documents_protocol_dictionary(dispatcher: Dispatcher, field: list[str]) -> None:
    # Scapy's fields of Ether have since got classes of their own; names and defaults remain.
    ether = json.loads(answer(dispatcher, GET_ALL))["db"]["Ether"]
    assert field[::2] in [triple[::2] for triple in ether]


def repaired_check_update(database: str, fields: str) -> bytes:
    message = CHECK_UPDATE.replace(b'\'"\n "fieldMD5"', b'\'",\n "fieldMD5"')
    request = json.loads(message)
    assert request["params"]["dbMD5"] == "'IlM5OXY3M2cxYUlEalNYcENhdmlmWGc9PVxuIg==\n'"
    if database:
        request["params"]["dbMD5"] = database
    if fields:
        request["params"]["fieldMD5"] = fields
    return json.dumps(request).encode()


def sent(member: str) -> str:
    """A checksum of get_all as the document's request holds one."""
    return f"'{base64.b64encode(member.encode()).decode()}\n'"


SUCCESS = ["Success", 0, "None"]
FIELDS_CHANGED = ["Fail", -1, "Field DB is not up to date"]
PROTOCOLS_CHANGED = ["Fail", -1, "Protocol DB is not up to date"]


def test_check_update(dispatcher: Dispatcher) -> None:
    databases = json.loads(answer(dispatcher, GET_ALL))
    database, fields = sent(databases["DB_md5"]), sent(databases["fields_md5"])

    def check(database: str, fields: str) -> Any:
        return json.loads(answer(dispatcher, repaired_check_update(database, fields)))

    assert check("", "") == [FIELDS_CHANGED, PROTOCOLS_CHANGED]
    assert check(database, "") == [FIELDS_CHANGED, SUCCESS]  # the document's answer
    assert check("", fields) == [SUCCESS, PROTOCOLS_CHANGED]
    assert check(database, fields) == [SUCCESS, SUCCESS]


def test_checksums_in_every_form_that_clients_send(dispatcher: Dispatcher) -> None:
    databases = json.loads(answer(dispatcher, GET_ALL))
    for form in (sent, lambda m: m, json.loads, lambda m: json.loads(m).strip()):
        params = {"dbMD5": form(databases["DB_md5"]), "fieldMD5": form(databases["fields_md5"])}
        assert json.loads(call(dispatcher, "check_update", params)) == [SUCCESS, SUCCESS]


@pytest.mark.parametrize(
    "checksum", ["", "'", "é", "AA==", '"', "bnVsbA==", "WzFd", '"\\', "W" * 99]
)
def test_checksums_that_are_none(dispatcher: Dispatcher, checksum: str) -> None:
    params = {"dbMD5": checksum, "fieldMD5": checksum}
    expected = [FIELDS_CHANGED, PROTOCOLS_CHANGED]
    assert json.loads(call(dispatcher, "check_update", params)) == expected


def test_get_version(dispatcher: Dispatcher) -> None:
    version = answer(dispatcher, GET_VERSION)
    assert {"version", "build_date", "build_time", "built_by"} <= version.keys()
    assert all(isinstance(text, str) for text in version.values())


# Upper part as printed, with the blanks, the `L` and the `{}` of the document.
DOCUMENTED_SHOW2 = """###[ Ethernet ]###
 dst = 00:00:00:01:00:00
 src = 00:00:00:02:00:00
 type= IPv4
###[ IP ]###
 version = 4L
 ihl = 5L
 tos = 0x0
 len = 40
 id = 1
 flags =
 frag = 0L
 ttl = 64
 proto = tcp
 chksum = 0xcbcd
 src = 127.0.0.1
 dst = 48.0.0.1
 \\options \\
 ###[ TCP ]###
 sport = 80
 dport = 80
 seq = 0
 ack = 0
 dataofs = 5L
 reserved = 0L
 flags = S
 window = 8192
 chksum = 0xe040
 urgptr = 0
 options = {}
"""


def comparable(line: str) -> str:
    """A line without blanks, the `L` of long integers, and brackets of empty options."""
    text = line.replace(" ", "")
    name, equals, value = text.partition("=")
    if value.removesuffix("L").isdigit():
        value = value.removesuffix("L")
    return name + equals + ("" if value in ("{}", "[]", "''", "b''") else value)


def test_build_pkt(dispatcher: Dispatcher) -> None:
    triple, show2, buffer = json.loads(answer(dispatcher, BUILD_PKT))
    assert triple == SUCCESS
    text = json.loads(show2)
    assert text.endswith("\n")
    assert [comparable(line) for line in text.splitlines() if line] == [
        comparable(line) for line in DOCUMENTED_SHOW2.splitlines()
    ]
    assert json.loads(buffer) == (
        "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGy81/AAABMAAAAQBQAFAAAAAAAAAAAFACIADgQAAA\n"
    )
    # As printed: a text in a text in a text.
    assert r"3FACIADgQAAA\\\\n\\\""[1:] in json.dumps(json.dumps(json.dumps(json.loads(buffer))))


def test_a_failed_build_pkt(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, BAD_BUILD_PKT.replace(COMMENT, b"")) == (
        '[["Pkt build Failed", "<type \'exceptions.NameError\'>", '
        "\"name 'ETHER' is not defined\"], [], []]"
    )


def test_get_all_pkt_offsets(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, OFFSETS.replace(b"'", b'"')) == (
        '[["Success", 0, "None"], {"IP()": '
        '[["version", 0, 0], ["ihl", 0, 0], ["tos", 1, 1], '
        '["len", 2, 2], ["id", 4, 2], ["flags", 6, 0], '
        '["frag", 6, 0], ["ttl", 8, 1], ["proto", 9, 1], '
        '["chksum", 10, 2], ["src", 12, 4], ["dst", 16, 4], '
        '["options", 20, 2]]}]'
    )


def test_failed_get_all_pkt_offsets(dispatcher: Dispatcher) -> None:
    message = BAD_OFFSETS.replace(COMMENT, b"").replace(b"'", b'"')
    assert json.loads(answer(dispatcher, message)) == [
        [
            "Pkt build Failed",
            "<type 'exceptions.SyntaxError'>",
            "unexpected EOF while parsing (<string>, line 1)",
        ],
        {},
    ]


def test_get_tree(dispatcher: Dispatcher) -> None:
    text = answer(dispatcher, GET_TREE)
    # As printed, without the quotes around it.
    assert text == (
        r'"ALL\n\tEther\n\t\tARP\n\t\tIP\n\t\t\tUDP\n\t\t\t\tRaw\n\t\t\tTCP\n\t\t\t\tRaw\n"'
    )
    assert json.loads(text).splitlines()[2] == "\t\tARP"


def test_offsets_are_exact_where_sizes_vary(dispatcher: Dispatcher) -> None:
    expression = (
        "Ether()/IP(options=[IPOption_RR(routers=['1.2.3.4'])])/IP()/IP()"
        "/TCP(options=[('MSS', 1460)])/Raw(load=b'12345')/Ether()"
    )
    triple, offsets = json.loads(call(dispatcher, "get_all_pkt_offsets", expression))
    assert triple == SUCCESS
    assert list(offsets) == [
        "Ether()",
        "IP(options=[IPOption_RR(routers=['1.2.3.4'])])",
        "IP()",
        "IP():1",
        "TCP(options=[('MSS', 1460)])",
        "Raw(load=b'12345')",
        "Ether():1",
    ]
    assert ["options", 20, 8] in offsets["IP(options=[IPOption_RR(routers=['1.2.3.4'])])"]
    assert ["options", 20, 4] in offsets["TCP(options=[('MSS', 1460)])"]
    assert offsets["Raw(load=b'12345')"] == [["load", 0, 5]]


FAILURES = [
    ("IP(src=foo)", "NameError", "name 'foo' is not defined"),
    ("Nope()", "NameError", "name 'Nope' is not defined"),
    ("IP(", "SyntaxError", "unexpected EOF while parsing (<string>, line 1)"),
    ("IP(ttl=", "SyntaxError", "unexpected EOF while parsing (<string>, line 1)"),
    ("Ether()/", "SyntaxError", "unexpected EOF while parsing (<string>, line 1)"),
    ("IP() IP()/TCP()", "SyntaxError", "at 'IP()/TCP()' (<string>, line 1)"),
    ("IP())", "SyntaxError", "unexpected EOF while parsing (<string>, line 1)"),
    ("", "SyntaxError", "(<string>, line 1)"),
    ("IP(ttl=999)", "ValueError", "IP.ttl: 999 is out of range"),
    ("IP(nope=1)", "ValueError", "nope"),
    ("IP(dst='example.com')", "ValueError", "IP.dst"),
    ("IP()-IP()", "ValueError", "does not work on layers"),
    ("IP", "ValueError", "write IP()"),
    ("5", "ValueError", "a packet is made of layers, such as Ether()/IP(), not 5"),
    ("__import__('os').system('true')", "ValueError", "only layers"),
    ("os.system('true')", "ValueError", "attributes are not allowed"),
    ("lambda: IP()", "ValueError", "lambda"),
    ("[IP() for x in (1,)]", "ValueError", "not allowed"),
    ("exit()", "NameError", "name 'exit' is not defined"),
    ("IP()/" * 5000 + "IP()", "ValueError", "may be at most"),
    ("(" * 5000, "ValueError", "may be at most"),
]


@pytest.mark.parametrize(
    ("expression", "kind", "text"), FAILURES, ids=[failure[0][:30] for failure in FAILURES]
)
def test_what_is_wrong_with_a_packet_is_in_the_result(
    dispatcher: Dispatcher, expression: str, kind: str, text: str
) -> None:
    triple, *rest = json.loads(call(dispatcher, "build_pkt", expression))
    assert triple[:2] == ["Pkt build Failed", f"<type 'exceptions.{kind}'>"]
    assert text in triple[2]
    assert rest == [[], []]
    assert json.loads(call(dispatcher, "get_all_pkt_offsets", expression)) == [triple, {}]


def test_params_of_neither_version(dispatcher: Dispatcher) -> None:
    for method, params in (
        ("get_tree", "x"),
        ("get_all", {"x": 1}),
        ("build_pkt", None),
        ("build_pkt", 5),
        ("check_update", None),
        ("check_update", {"dbMD5": "x"}),
        ("check_update_of_dbs", {"dbMD5": "x", "fieldMD5": "x"}),
        ("get_all_pkt_offsets", None),
        ("get_all_pkt_offsets", [1]),
    ):
        assert error(dispatcher, method, params)[0] == -32603, (method, params)


def test_offsets_by_position_and_name(dispatcher: Dispatcher) -> None:
    expected = call(dispatcher, "get_all_pkt_offsets", "IP()")
    assert call(dispatcher, "get_all_pkt_offsets", ["IP()"]) == expected
    assert call(dispatcher, "get_all_pkt_offsets", {"expression": "IP()"}) == expected


@given(
    st.text(max_size=30)
    | st.lists(
        st.sampled_from(
            ["IP", "Ether()", "TCP", "(", ")", "/", "-", "'", "dst=", "foo", "1", ",", "\n", "~"]
        ),
        max_size=12,
    ).map("".join)
)
def test_no_expression_is_an_error_reply(dispatcher: Dispatcher, expression: str) -> None:
    for method in ("build_pkt", "get_all_pkt_offsets"):
        reply = reply_to(dispatcher, method, expression)
        assert json.loads(reply["result"])[0][0] in ("Success", "Pkt build Failed")


def test_the_examples_of_our_own_page(dispatcher: Dispatcher) -> None:
    page = (Path(__file__).parents[3] / "docs" / "first_version.md").read_text()
    examples = re.findall(r"```json\n(.+)\n(.+)\n```", page)
    assert len(examples) == 6
    for request, reply in examples:
        assert dispatcher.handle(request.encode()).data.decode() == reply
