"""A change of a part splices that part; each row says what differs, and where."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from tests.packet.cases import CASES
from tests.packet.edits.cases import RESET, text
from tests.packet.properties import RootedCodec, apply, binary

Items = Sequence[dict[str, Any]]

FRAMES = {case.name: case.frame for case in CASES}
FRAMES["UPDATE"] = base64.b64decode(
    "AgAAAAACAgAAAAABCABFAABRAAEAAEAG9qLAAAIBwAACAgCznEAAAAABAAAAAVAYIADZIQAA////////////////////"
    "/wApAgAAAA5AAQEAQAIAQAMEwAACARjLAHE="
)
FRAMES["request"] = base64.b64decode(
    text(
        "020000000002020000000001 0800",
        "45000052000100004006f6a1c0000201c0000202",
        "9c4000500000000100000001501820001942 0000",
        b"GET / HTTP/1.1\r\nX-Test: 1\r\nHost: a\r\n\r\nbody",
    )
)
# Its list is cut by the frame's end, within an option whose length claims 40 bytes.
FRAMES["cut in TCP"] = (
    bytes.fromhex(
        "020000000002020000000001 0800"
        "4500003e000100004006f6b5c0000201c0000202"
        "9c4000500000000100000001f018200000000000"
        "3028"
    )
    + b"00000000"
)
LAYERS = {
    "cut in TCP": ["Ether", "IP", "TCP"],
    "DNS answer": ["Ether", "IP", "UDP", "DNS"],
    "TCP urgent with time stamps": ["Ether", "IP", "TCP"],
    "DHCP discover": ["Ether", "IP", "UDP", "BOOTP", "DHCP"],
    "UPDATE": ["Ether", "IP", "TCP", "BGPHeader", "BGPUpdate"],
    "request": ["Ether", "IP", "TCP", "HTTP", "HTTPRequest"],
}


def expression(source: str) -> dict[str, Any]:
    return {"vtype": "EXPRESSION", "expr": source}


def put(path: str, value: Any) -> Items:
    return [{"id": path, "value": value}]


def insert(path: str, value: Any) -> dict[str, Any]:
    return {"id": path, "insert": True, "value": value}


def delete(path: str) -> dict[str, Any]:
    return {"id": path, "delete": True}


def reset(field: str) -> dict[str, Any]:
    return {"id": field, "value": RESET}


#: The frame, the changes, and the bytes that differ as (first byte, before, after).
CHANGES: list[tuple[str, Items, list[tuple[int, str, str]]]] = [
    ("DNS answer", put("an[0].rdata", "10.9.9.9"), [(91, "000009", "090909")]),
    ("DNS answer", put("an[0].rdlen", 0), [(88, "0004", "0000")]),
    ("DNS answer", put("an[0].type", 300), [(80, "0001", "012c")]),
    ("DNS answer", put("an[0].ttl", 61), [(87, "3c", "3d")]),
    ("DNS answer", put("qd[0].qname", "bb.example."), [(54, "0161", "026262")]),
    (
        "DNS answer",
        put("an[1].rdata", expression("[b'hello']")),
        [(113, "0003026869", "00060568656c6c6f")],
    ),
    (
        "DNS answer",
        [delete("an[1]"), reset("ancount")],
        [(48, "0002", "0001"), (94, "0161076578616d706c65000010000100000000000302 6869", "")],
    ),
    (
        "DNS answer",
        [
            insert("an[2]", expression("DNSRR(rrname='x.',type='A',rdata='1.2.3.4')")),
            reset("ancount"),
        ],
        [(48, "0002", "0003"), (118, "", "0178000001000100000000000401020304")],
    ),
    (
        "TCP urgent with time stamps",
        put("options[2].value", expression("(5, 6)")),
        [(58, "0000000100000002", "0000000500000006")],
    ),
    ("cut in TCP", put("options[0].value", "00010000"), [(59, "30", "31")]),
    ("cut in TCP", put("options[0].value", "0001"), [(59, "3030303030", "31")]),
    ("TCP urgent with time stamps", put("options[2].length", 9), [(57, "0a", "09")]),
    (
        "TCP urgent with time stamps",
        [insert("options[0]", ["MSS", 1460]), reset("dataofs")],
        [(46, "80", "90"), (54, "", "020405b4")],
    ),
    (
        "TCP urgent with time stamps",
        [delete("options[0]")],
        [(54, "01", ""), (66, "", "00")],
    ),
    (
        "DHCP discover",
        put("options[1].value", "hostname2"),
        [(286, "027063", "09686f73746e616d6532")],
    ),
    (
        "DHCP discover",
        [insert("options[2]", expression("('requested_addr', '1.2.3.4')"))],
        [(289, "", "320401020304")],
    ),
    ("UPDATE", put("path_attr[2].attribute.next_hop", "192.0.2.77"), [(90, "01", "4d")]),
    ("UPDATE", put("path_attr[2].attribute[0].next_hop", "192.0.2.77"), [(90, "01", "4d")]),
    ("UPDATE", put("nlri[0].prefix", "203.0.0.0/8"), [(91, "18cb0071", "08cb")]),
    (
        "UPDATE",
        [delete("path_attr[0]"), reset("path_attr_len")],
        [(75, "000e", "000a"), (77, "40010100", "")],
    ),
    ("request", put("Unknown_Headers.X-Test", "42"), [(78, "31", "3432")]),
    ("request", put("Unknown_Headers.X-New", "2"), [(90, "", b"X-New: 2\r\n".hex())]),
    ("request", [delete("Unknown_Headers.X-Test")], [(70, b"X-Test: 1\r\n".hex(), "")]),
    ("request", [delete("Host")], [(81, b"Host: a\r\n".hex(), "")]),
    ("request", [reset("Host")], [(81, b"Host: a\r\n".hex(), "")]),
    ("request", [reset("Referer")], []),
    ("request", [reset("Unknown_Headers.X-Test")], [(70, b"X-Test: 1\r\n".hex(), "")]),
    ("request", [reset("Unknown_Headers.X-None")], []),
    ("request", put("Referer", "x"), [(90, "", b"Referer: x\r\n".hex())]),
]


def changed(codec: PacketCodec, name: str, items: Items) -> bytes:
    layers: list[dict[str, Any]] = [{"id": layer} for layer in LAYERS[name]]
    layers[-1]["fields"] = list(items)
    model = parse_model(layers, codec.registry, changing=True)
    return base64.b64decode(codec.reconstruct(FRAMES[name], model).binary or "")


@pytest.mark.parametrize(("name", "items", "differ"), CHANGES, ids=lambda value: str(value)[:60])
def test_only_the_part_is_another(
    name: str, items: Items, differ: list[tuple[int, str, str]], codec: PacketCodec
) -> None:
    right = FRAMES[name]
    for at, before, after in reversed(differ):
        old = bytes.fromhex(before)
        assert right[at : at + len(old)] == old
        right = right[:at] + bytes.fromhex(after) + right[at + len(old) :]
    assert changed(codec, name, items).hex() == right.hex()


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        (put("an[7].ttl", 1), r"an has 2 items; \[7\] is none of them"),
        (put("an[0].nothing", 1), "there is no field 'nothing' in DNSRR"),
        (put("an[0].ttl", -1), "out of range"),
        ([insert("an[9]", expression("DNSRR()"))], "there is no"),
        ([reset("an[0]")], "an item of a list has no default; delete the item"),
        (put("an[2]", "DNSRR()"), r"there is no \[2\]; insert it instead"),
        ([delete("id")], "only an item of a list"),
        ([{"id": "an[0].ttl", "delete": True}], "no item of a list"),
    ],
)
def test_a_refusal_names_the_path(items: Items, problem: str, codec: PacketCodec) -> None:
    with pytest.raises(RefusedError, match=problem) as refusal:
        changed(codec, "DNS answer", items)
    assert f"field {items[0]['id']}" in refusal.value.where


def test_its_own_value_sent_back_changes_nothing(codec: PacketCodec) -> None:
    for name, frame in FRAMES.items():
        if name not in LAYERS:
            continue
        layer = next(x for x in codec.dissect(frame).data if x.id == LAYERS[name][-1])
        for field in layer.fields:
            for part in field.parts or [] if isinstance(field.parts, list) else []:
                for inner in part.fields:
                    joint = "" if part.id.startswith("[") else "."
                    items = put(f"{field.id}{joint}{part.id}.{inner.id}", inner.value)
                    assert changed(codec, name, items) == frame, items


def test_a_part_whose_place_is_not_known_changes_though_all_around_it_kept_its_bytes(
    codec: PacketCodec,
) -> None:
    """RFC 2986, section 4.1: the version is the first integer of certificationRequestInfo."""
    path = "request[0].certificationRequest[0].certificationRequestInfo[0].version"
    rooted = RootedCodec(codec.registry)
    rooted.root = codec.registry.layer("CMC_TaggedRequest").cls
    before = binary(codec.build(parse_model([{"id": "CMC_TaggedRequest"}], codec.registry)))
    changes = [{"id": "CMC_TaggedRequest", "fields": put(path, 1)}]
    after = apply(rooted, before, changes)
    assert after.data[0].rebuilt is True
    place = before.index(b"\x30\x64\x02\x01\x00") + 4
    assert binary(after) == before[:place] + b"\x01" + before[place + 1 :]


def test_a_number_for_which_there_is_no_room_is_refused(codec: PacketCodec) -> None:
    """RFC 4251, section 5: an mpint of length 0 is zero."""
    rooted = RootedCodec(codec.registry)
    rooted.root = codec.registry.layer("SSHKexDHInit").cls
    before = binary(codec.build(parse_model([{"id": "SSHKexDHInit"}], codec.registry)))
    with pytest.raises(RefusedError, match=r"field e\[0\]\.value: 1 would change no byte"):
        apply(rooted, before, [{"id": "SSHKexDHInit", "fields": put("e[0].value", 1)}])


@pytest.mark.parametrize("form", ["value", "hvalue"])
def test_what_a_part_carries_is_kept_where_it_is_shown_as_bytes_alone(
    form: str, codec: PacketCodec
) -> None:
    """As behind many attributes, of which no more are written as expressions."""
    carried = {"vtype": "EXPRESSION", "expr": r"Raw(b'\x00\x00\x02')"}
    layer = {"id": "BGPUpdate", "fields": [{"id": "path_attr", "value": expression(_CARRYING)}]}
    frame = binary(codec.build(parse_model([layer], codec.registry)))
    rooted = RootedCodec(codec.registry)
    rooted.root = codec.registry.layer("BGPUpdate").cls
    given = carried if form == "value" else carried["expr"]
    path = "path_attr[0].attribute[0].payload"
    changes = [{"id": "BGPUpdate", "fields": [{"id": path, "value": given}]}]
    assert binary(apply(rooted, frame, changes)) == frame
    other = [{"id": "BGPUpdate", "fields": [{"id": path, "value": "Raw(b'abc')"}]}]
    with pytest.raises(RefusedError, match="field by field"):
        apply(rooted, frame, other)


_CARRYING = (
    "[BGPPathAttr(type_flags=0x40,type_code=1,attribute=BGPPAOrigin(origin=0)/Raw(b'\\0\\0\\x02'))]"
)
