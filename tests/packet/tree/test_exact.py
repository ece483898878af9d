"""Values of which their fields write other bytes than they read, as captures have them."""

from __future__ import annotations

import base64

import pytest

from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.tree import exact
from tests.packet.properties import RootedCodec, value_of, whole_model

SSH = b"SSH-2.0-OpenSSH_5.6\r\n"
ENDED = bytes.fromhex("000100020000000000000000600000000000000000303030")
CASES = {
    "lines": ("SSHVersionExchange", SSH, "lines", "[b'SSH-2.0-OpenSSH_5.6\\r\\n']"),
    "more behind the end": ("TCP", ENDED, "options", "[('EOL', None)]"),
    # RFC 4704, section 4.2: what is no whole name does not end with the label of length 0.
    "half a name": (
        "DHCP6OptClientFQDN",
        bytes.fromhex("0027000b00") + b"\x09printer-7",
        "fqdn",
        "printer-7.",
    ),
    "a short text": ("OptionalAuth", b"\x01\x0b\x01password", "auth_key", "password"),
}


@pytest.mark.parametrize(("layer_id", "data", "field_id", "text"), CASES.values(), ids=CASES)
def test_what_would_be_written_otherwise_is_the_bytes(
    layer_id: str, data: bytes, field_id: str, text: str, registry: Registry
) -> None:
    codec = RootedCodec(registry)
    codec.root = registry.layer(layer_id).cls
    result = codec.reconstruct(data, ())
    field = next(each for each in result.data[0].fields if each.id == field_id)
    own = data[field.bit_offset // 8 : (field.bit_offset + field.bit_length) // 8]
    assert field.value == {"vtype": "EXPRESSION", "expr": f"RawVal({own!r})"}
    assert field.hvalue == text
    again = codec.build(parse_model(whole_model(result, value_of), registry))
    assert base64.b64decode(again.binary or "") == data


def test_what_is_written_as_it_was_read_stays_a_list(registry: Registry) -> None:
    codec = RootedCodec(registry)
    codec.root = registry.layer("TCP").cls
    data = bytes.fromhex("0001000200000000000000006000000000000000020405b4")
    result = codec.reconstruct(data, ())
    assert result.data[0].fields[-1].value == {"vtype": "EXPRESSION", "expr": "[('MSS', 1460)]"}


def test_the_packet_that_is_shown_stays_as_it_is(registry: Registry) -> None:
    codec = RootedCodec(registry)
    codec.root = registry.layer("TLSInnerPlaintext").cls
    result = codec.reconstruct(b"\0\0", ())
    shown = {field.id: field.value for field in result.data[0].fields}
    assert shown["type"] == trace_chain(codec.root, b"\0\0")[0].packet.getfieldval("type") == 0


@pytest.mark.parametrize(
    ("layer_id", "data", "field_id"),
    [
        ("CoAP", bytes.fromhex("40010001") + bytes(200), "options"),
        # The buffer is said to be 67 MB long, and to stand behind the frame's end.
        ("SMB2_Query_Info_Response", bytes.fromhex("09000004000400040000") + bytes(40), "Buffer"),
        # A list of addresses that no expression within the bounds makes.
        (
            "LDPAddress",
            bytes.fromhex("03002ee8000000000101")
            + (12002).to_bytes(2, "big")
            + b"\0\1"
            + b"\1\2\3\4" * 3000,
            "address",
        ),
        # Digits of a number, each written by itself.
        ("IE_MSInternationalNumber", bytes.fromhex("86177100") + bytes(6000), "digits"),
    ],
)
def test_what_would_take_long_to_be_written_is_not(
    layer_id: str, data: bytes, field_id: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "_written", lambda owned, before: pytest.fail("it was written"))
    codec = RootedCodec(registry)
    codec.root = registry.layer(layer_id).cls
    result = codec.reconstruct(data, ())
    field = next(each for each in result.data[0].fields if each.id == field_id)
    own = data[field.bit_offset // 8 : (field.bit_offset + field.bit_length) // 8]
    assert field.value == {"vtype": "EXPRESSION", "expr": f"RawVal({own!r})"}
