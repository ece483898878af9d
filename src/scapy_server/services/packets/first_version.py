"""The first version of the protocol, which old scripts still speak.

Its calls put null, a bare string or an object into `params`, and its results are texts of
JSON; texts inside of those (checksums, bytes, what Scapy shows) are texts of JSON once
more. What is wrong with a packet is said in the result, as a triple, never as an error
reply. docs/first_version.md shows every call.

Source: the first version of the RPC document, "RPC Commands"; docs/wire.md,
"The oldest dialect".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter

from scapy_server.errors import ExpressionSyntaxError, ScapyServerError, UndefinedName
from scapy_server.packet.packets_as_text import layer_texts, multi_line_text, packet_of
from scapy_server.rpc.method import Parameter
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.dialects import OldCall
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType

Triple = tuple[str, int | str, str]

_SUCCESS: Triple = ("Success", 0, "None")

#: The documents' hierarchy as it is printed: depth and name.
_TREE = (
    (0, "ALL"),
    (1, "Ether"),
    (2, "ARP"),
    (2, "IP"),
    (3, "UDP"),
    (4, "Raw"),
    (3, "TCP"),
    (4, "Raw"),
)


def get_all(core: Core) -> str:
    """The databases and their checksums."""
    databases = core.databases
    return json.dumps(
        {
            "db": databases.protocols,
            "fields": databases.fields,
            "DB_md5": _checksum(databases.protocols_md5),
            "fields_md5": _checksum(databases.fields_md5),
        }
    )


def check_update(core: Core, protocols_md5: str, fields_md5: str) -> str:
    """A triple for the fields, then one for the protocols."""
    checks = (
        ("Field", fields_md5, core.databases.fields_md5),
        ("Protocol", protocols_md5, core.databases.protocols_md5),
    )
    return json.dumps(
        [
            _SUCCESS
            if _sent_checksum(sent) == current
            else ("Fail", -1, f"{name} DB is not up to date")
            for name, sent, current in checks
        ]
    )


def build_pkt(core: Core, expression: str) -> str:
    """Triple, what Scapy's show2 prints of the packet, and its bytes in base64."""
    try:
        packet = packet_of(expression, core.registry)
        binary = core.codec.build_packet(packet).binary or ""
        text = multi_line_text(packet, base64.b64decode(binary))
    except ScapyServerError as error:
        return json.dumps([_failed(error), [], []])
    return json.dumps([_SUCCESS, json.dumps(text), json.dumps(f"{binary}\n")])


def get_all_pkt_offsets(core: Core, expression: str) -> str:
    """Triple, and for the text of each layer `[field, offset in the layer, size]`, in bytes.

    Bit fields have the size 0. A layer that occurs again gets its number behind the text:
    `IP()`, then `IP():1`.
    """
    try:
        packet = packet_of(expression, core.registry)
        texts = layer_texts(packet, core.registry)
        layers = core.codec.build_packet(packet).data
    except ScapyServerError as error:
        return json.dumps([_failed(error), {}])
    offsets = {
        key: [[field.id, field.offset, field.length] for field in layer.fields]
        for key, layer in zip(_distinct(texts), layers, strict=True)
    }
    return json.dumps([_SUCCESS, offsets])


def get_tree(core: Core) -> str:
    """The hierarchy as indented lines."""
    return json.dumps("".join(f"{depth * chr(9)}{name}\n" for depth, name in _TREE))


def _checksum(md5: str) -> str:
    """As the first version writes one: a JSON text that ends with a line feed."""
    return json.dumps(f"{md5}\n")


def _sent_checksum(sent: str) -> str:
    """The checksum that a client sends: the member of `get_all` in base64, maybe in quotes.

    What cannot be read so is taken to be the checksum itself.
    """
    text = sent.strip().strip("'").strip()
    try:
        # Not strict: the first clients put line feeds between the digits.
        member = json.loads(base64.b64decode(text, validate=False))
    except (binascii.Error, ValueError, RecursionError):
        member = text
    if isinstance(member, str) and member.startswith('"'):
        try:
            member = json.loads(member)
        except (ValueError, RecursionError):
            member = ""
    return member.strip() if isinstance(member, str) else ""


def _failed(error: ScapyServerError) -> Triple:
    """What is wrong with a packet, with the type that Python 2 would have named."""
    kind, text = _in_python_terms(error)
    return ("Pkt build Failed", f"<type 'exceptions.{kind}'>", text)


def _in_python_terms(error: ScapyServerError) -> tuple[str, str]:
    if isinstance(error, UndefinedName):
        return "NameError", f"name '{error.name}' is not defined"
    if isinstance(error, ExpressionSyntaxError):
        reason = "unexpected EOF while parsing" if error.at_end else error.problem
        return "SyntaxError", f"{reason} (<string>, line {error.line})"
    return "ValueError", error.detail


def _distinct(texts: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    keys = []
    for text in texts:
        keys.append(f"{text}:{seen[text]}" if seen[text] else text)
        seen[text] += 1
    return keys


METHODS = (
    Method(
        "get_all_pkt_offsets",
        get_all_pkt_offsets,
        summary="Tell where the fields of an expression's packet lie (first version).",
        result="JSON text: [[result, code, description], {layer: [[field, offset, size], …]}]",
        shape=str,
        parameters=(
            Parameter("expression", (JsonType.STRING,), "such as Ether()/IP(dst='48.0.0.1')"),
        ),
    ),
)

#: What the methods of the table answer to calls of the first version, by their names.
DIALECT: dict[str, OldCall] = {
    "get_all": OldCall(get_all, JsonType.NULL),
    "check_update": OldCall(check_update, JsonType.OBJECT, ("dbMD5", "fieldMD5")),
    "get_tree": OldCall(get_tree, JsonType.NULL),
    "build_pkt": OldCall(build_pkt, JsonType.STRING),
    "get_all_pkt_offsets": OldCall(get_all_pkt_offsets, JsonType.STRING),
}
