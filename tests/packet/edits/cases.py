"""Frames that are changed in one place: the change, and the bytes that are to come of it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """`before` and `after` in base64; `changes` as clients send them."""

    name: str
    before: str
    changes: list[dict[str, Any]]
    after: str

    @property
    def frame(self) -> bytes:
        return base64.b64decode(self.before)

    @property
    def right(self) -> bytes:
        return base64.b64decode(self.after)


def change(*layers: str | tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A model of changes: layers by name, the last with fields."""
    return [
        {"id": layer}
        if isinstance(layer, str)
        else {"id": layer[0], "fields": [{"id": k, "value": v} for k, v in layer[1].items()]}
        for layer in layers
    ]


RESET = {"vtype": "UNDEFINED"}


def text(*parts: str | bytes) -> str:
    """Frames as hex and payloads as bytes, in base64."""
    return base64.b64encode(
        b"".join(bytes.fromhex(p) if isinstance(p, str) else p for p in parts)
    ).decode()


_ETHER = "020000000002020000000001 0800"
_WEB = (
    _ETHER,
    "45000087000100004006f66cc0000201c0000202 9c4000500000000100000001501820001942 0000",
)
_PADDED_IGMP = "1164ee9b00000000" + "00" * 18

#: The addresses are those of documentation (RFC 5737); each case is of a kind that real
#: captures showed.
EDITS = [
    Edit(
        "one header of HTTP",
        text(
            *_WEB,
            b"GET /x HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla\r\nHost: www.example.com\r\n"
            b"Connection: close\r\n\r\n",
        ),
        change("Ether", "IP", "TCP", "HTTP", ("HTTPRequest", {"Host": "www.example.org"})),
        text(
            *_WEB,
            b"GET /x HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla\r\nHost: www.example.org\r\n"
            b"Connection: close\r\n\r\n",
        ),
    ),
    Edit(
        "a header of HTTP that becomes shorter",
        text(*_WEB, b"GET / HTTP/1.1\r\nHost: www.example.com\r\nX-A: b\r\n\r\nbody"),
        change("Ether", "IP", "TCP", "HTTP", ("HTTPRequest", {"Host": "a.example"})),
        text(*_WEB, b"GET / HTTP/1.1\r\nHost: a.example\r\nX-A: b\r\n\r\nbody"),
    ),
    Edit(
        "IP below IGMP without options",
        text(
            "01005e000001020000000001 0800",
            "4500001c00010000010217ddc0000201e0000001",
            _PADDED_IGMP,
        ),
        change("Ether", ("IP", {"tos": 192})),
        text(
            "01005e000001020000000001 0800",
            "45c0001c00010000010217ddc0000201e0000001",
            _PADDED_IGMP,
        ),
    ),
    Edit(
        "lengths and checksums around padding inside of VXLAN",
        "AgAAAAACAgAAAAABCABFAABgAAEAAEAR9ojAAAIBwAACAsNQErUATNU5CAAAAAAAKgD///////8CAAAAAAEIBgAB"
        "CAAGBAABAgAAAAABwAACAQAAAAAAAMAAAgIAAAAAAAAAAAAAAAAAAAAAAAA=",
        change(
            "Ether",
            ("IP", {"src": "192.0.2.9", "len": RESET, "chksum": RESET}),
            ("UDP", {"len": RESET, "chksum": RESET}),
        ),
        "AgAAAAACAgAAAAABCABFAABgAAEAAEAR9oDAAAIJwAACAsNQErUATNUxCAAAAAAAKgD///////8CAAAAAAEIBgAB"
        "CAAGBAABAgAAAAABwAACAQAAAAAAAMAAAgIAAAAAAAAAAAAAAAAAAAAAAAA=",
    ),
    Edit(
        "the rest as bytes, whatever it reads as",
        text(*_WEB, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        change("Ether", "IP", "TCP", ("Raw", {"load": "x"})),
        text(*_WEB, b"x"),
    ),
    Edit(
        "the rest as bytes, before padding that is not part of it",
        text(_ETHER, "4500001c00010000401162d0c0000201c0000202", "9c4000350008 0000", bytes(18)),
        change("Ether", "IP", ("Raw", {"load": "12345678"})),
        text(_ETHER, "4500001c00010000401162d0c0000201c0000202", b"12345678", bytes(18)),
    ),
    Edit(
        "the type of ICMP, which decides what its last four bytes are",
        text(_ETHER, "4500001c00010000400162d0c0000201c0000202", "0800f7fd00010002"),
        change("Ether", "IP", ("ICMP", {"type": "time-exceeded"})),
        text(_ETHER, "4500001c00010000400162d0c0000201c0000202", "0b00f7fd00000000"),
    ),
    Edit(
        "a bit in the middle of a byte",
        text(_ETHER, "4500001c00010000403d62d0c0000201c0000202", bytes(8)),
        change("Ether", ("IP", {"flags": "DF", "frag": 5})),
        text(_ETHER, "4500001c00014005403d62d0c0000201c0000202", bytes(8)),
    ),
]
