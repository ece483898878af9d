"""Headers are built as they are told, and told as they were read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.results import PacketResult
from tests.packet.properties import FORMS, Form, binary, value_of, whole_model

GET = b"GET /a HTTP/1.1\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
HEADERS = [
    GET + b"Host: a.example\r\nAccept: */*\r\n",
    GET + b"Accept: */*\r\nHost: a.example\r\nUser-Agent: x\r\n",
    GET + b"X-B: 1\r\nHost: a.example\r\nX-A: 2\r\n",
    GET + b"host: a.example\r\ncontent-length:5\r\nACCEPT:  x\r\n",
    GET + b"X-A:\r\nX-B: \r\nAccept: \r\nX-C:  y\r\n",
    GET + b"Host:\r\nAccept: x\r\nHost:1\r\n",
    GET + b"Cookie: a\r\nHost: a.example\r\nCookie: b\r\n",
    GET + b"Cookie: a\r\nCookie: a\r\nCookie: b\r\nthis is no line\r\n",
    OK + b"Server: x\r\nSet-Cookie: a\r\nset-cookie: b\r\nSet-Cookie: c\r\nFoo:x\r\n",
    OK + b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: x\r\nAge: 4\r\n",
    OK,
    GET,
    b"RTSP/1.0 200 OK\r\nServer: x\r\nCSeq: 1\r\nX: y\r\n",
    b"OPTIONS rtsp://a.example/ RTSP/1.0\r\nUser-Agent: x\r\nCSeq: 1\r\n",
]


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


def frame_of(header: bytes) -> bytes:
    port = 554 if b"RTSP" in header else 80
    return bytes(Ether() / IP() / TCP(dport=port) / Raw(header + b"\r\nbody"))


def built(codec: PacketCodec, model: list[Any]) -> bytes:
    return binary(codec.build(parse_model(model, codec.registry)))


def ids(result: PacketResult) -> list[str]:
    """The fields of the last layer but the body that are there, in the order shown."""
    return [field.id for field in result.data[-2].fields if field.ignored is not True]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_built_as_it_was_read(codec: PacketCodec, header: bytes) -> None:
    frame = frame_of(header)
    result = codec.dissect(frame)
    assert result.data[-2].id.startswith(("HTTPRe", "RTSPRe"))
    assert built(codec, whole_model(result, value_of)) == frame


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_was_cut_is_built_as_it_was_read(codec: PacketCodec, header: bytes) -> None:
    """Of each byte of its end, and of the last line, what was captured and no more."""
    whole = frame_of(header).removesuffix(b"body")
    for cut in range(1, 8):
        result = codec.dissect(whole[:-cut])
        model = whole_model(result, value_of)
        assert built(codec, model) == whole[:-cut]
        changes = parse_model(model, codec.registry, changing=True)
        assert binary(codec.reconstruct(whole[:-cut], changes)) == whole[:-cut]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("header", HEADERS)
def test_what_is_told_of_it_changes_nothing(codec: PacketCodec, header: bytes, form: Form) -> None:
    frame = frame_of(header)
    changes = parse_model(whole_model(codec.dissect(frame), form), codec.registry, changing=True)
    after = codec.reconstruct(frame, changes)
    assert binary(after) == frame
    assert all(layer.rebuilt is not True for layer in after.data)


NAMES = ["Host", "host", "Accept", "ACCEPT", "X-A", "x-a", "X-B", "Content-Length", "Cookie", ""]


@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from([": ", ":", ":  ", " : "]),
            st.sampled_from(["", "1", "two words", "a: b"]),
        ),
        max_size=6,
    ),
    first=st.sampled_from([GET, OK]),
)
def test_lines_of_all_kinds(
    codec: PacketCodec, lines: list[tuple[str, str, str]], first: bytes
) -> None:
    texts = dict.fromkeys("".join(line).rstrip(" ") for line in lines)
    frame = frame_of(first + b"".join(text.encode() + b"\r\n" for text in texts))
    assert built(codec, whole_model(codec.dissect(frame), value_of)) == frame


def test_fields_are_shown_in_the_order_of_the_lines(codec: PacketCodec) -> None:
    shown = ids(codec.dissect(frame_of(GET + b"X: 1\r\nHost: a.example\r\nAccept: x\r\n")))
    assert shown == ["Method", "Path", "Http_Version", "Unknown_Headers", "Host", "Accept"]


def test_only_what_is_no_line_as_all_others_is_told_by_its_name(codec: PacketCodec) -> None:
    def unknown(lines: bytes) -> Any:
        fields = codec.dissect(frame_of(GET + lines)).data[-2].fields
        (field,) = (field for field in fields if field.id == "Unknown_Headers")
        return field.ignored is True or (isinstance(field.value, dict) and field.value["expr"])

    assert unknown(b"Host: a\r\nAccept: x\r\n") is True
    assert unknown(b"Host: a\r\nX: 1\r\nY: 2\r\nAccept: x\r\n") == "{b'X': b'1', b'Y': b'2'}"
    assert unknown(b"X: 1\r\nHost: a\r\nY: 2\r\n") == "{b'X': b'1', b'Host': None, b'Y': b'2'}"
    assert unknown(b"host:a\r\n") == "{b'host:': None}"


def header_model(*fields: tuple[str, Any]) -> list[Any]:
    told = [{"id": name, "value": value} for name, value in fields]
    return [{"id": "HTTP"}, {"id": "HTTPRequest", "fields": told}]


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ([], b""),
        ([("Host", "b"), ("Accept", "a")], b"Host: b\r\nAccept: a\r\n"),
        ([("Accept", "a"), ("Host", "b")], b"Accept: a\r\nHost: b\r\n"),
        ([("Accept", ""), ("Host", "b")], b"Host: b\r\n"),
        ([("Unknown_Headers", "{b'X': b'1'}"), ("Host", "b")], b"X: 1\r\nHost: b\r\n"),
        (
            [("Host", "b"), ("Unknown_Headers", "{b'X:': b'1', b'y': None}")],
            b"Host: b\r\nX:1\r\ny\r\n",
        ),
        (
            [("Host", "b"), ("Accept", "a"), ("Unknown_Headers", "{b'accept': None, b'X': b'1'}")],
            b"Host: b\r\naccept: a\r\nX: 1\r\n",
        ),
        ([("Unknown_Headers", "{b'Host': None, b'X': b'1'}")], b"X: 1\r\n"),
    ],
)
def test_lines_stand_as_they_are_given_and_no_others(
    codec: PacketCodec, fields: list[tuple[str, Any]], lines: bytes
) -> None:
    assert built(codec, header_model(*fields)) == b"GET / HTTP/1.1\r\n" + lines + b"\r\n"


def test_a_response_has_no_date_that_nobody_gave(codec: PacketCodec) -> None:
    assert built(codec, [{"id": "HTTP"}, {"id": "HTTPResponse"}]) == OK + b"\r\n"


def test_the_first_line_is_changed_in_a_whole_model(codec: PacketCodec) -> None:
    model = whole_model(codec.dissect(frame_of(GET + b"X: 1\r\nhost:a\r\n")), value_of)
    for field in model[-2]["fields"]:
        if field["id"] in ("Path", "Host"):
            field["value"] = "/other"
    assert GET.replace(b"/a", b"/other") + b"X: 1\r\nhost:/other\r\n\r\n" in built(codec, model)
