from __future__ import annotations

import json
import random
import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from scapy_server.captures.reading import read_capture
from scapy_server.catalog.definitions import Definitions, check_file
from scapy_server.catalog.handwritten import (
    DataFile,
    FieldEntry,
    Handwritten,
    ProtocolEntry,
    own_files,
)
from scapy_server.catalog.protocols import protocol_ids
from scapy_server.catalog.templates import Templates
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.results import PacketResult
from scapy_server.schema.templates import TemplateEntry
from tests.catalog.editor import Editor, Model, accepts
from tests.catalog.fresh import digests

MAC_REGEX = "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"

TYPES = """
    STRING NUMBER ENUM BYTES EXPRESSION BITMASK TCP_OPTIONS IP_OPTIONS MAC_ADDRESS IP_ADDRESS
    METAFIELD UNKNOWN
"""

#: What is described by hand at least.
DOCUMENTED = """
    Ether Dot3 Dot1Q Dot1AD ARP LLC SNAP STP Raw
    IP IPv6 ICMP TCP UDP GRE VXLAN MPLS GTP_U_Header GTPHeader
    ICMPv6EchoRequest ICMPv6EchoReply ICMPv6DestUnreach ICMPv6TimeExceeded ICMPv6PacketTooBig
    ICMPv6ND_RS ICMPv6ND_RA ICMPv6ND_NS ICMPv6ND_NA ICMPv6MLQuery ICMPv6MLReport ICMPv6MLDone
    ICMPv6NDOptSrcLLAddr ICMPv6NDOptDstLLAddr ICMPv6NDOptPrefixInfo ICMPv6NDOptMTU
    SCTP SCTPChunkInit SCTPChunkData IGMP IGMPv3 DNS DNSQR DNSRR BOOTP DHCP NTPHeader
    PPPoE PPPoED PPP
"""


@pytest.fixture(scope="module")
def definitions(registry: Registry) -> Definitions:
    return Definitions(registry)


@pytest.fixture(scope="module")
def wire(definitions: Definitions, registry: Registry) -> list[dict[str, Any]]:
    """All that can be told, as a client reads it."""
    everything = msgspec.json.encode(definitions.select([layer.id for layer in registry]))
    decoded: list[dict[str, Any]] = msgspec.json.decode(everything)
    return decoded


def fields_of(definitions: Definitions, layer_id: str) -> dict[str, dict[str, Any]]:
    (protocol,) = definitions.select([layer_id])
    return {field["id"]: field for field in msgspec.to_builtins(protocol)["fields"]}


def is_java_integer(value: object) -> bool:
    return type(value) is int and -(2**31) <= value < 2**31


def check_bits(field: dict[str, Any]) -> None:
    assert field["bits"]
    masks = 0
    for bit in field["bits"]:
        assert set(bit) == {"name", "mask", "values"}
        assert is_java_integer(bit["mask"])
        assert bit["mask"] > 0
        assert bit["mask"] & masks == 0
        masks |= bit["mask"]
        assert isinstance(bit["name"], str)
        assert bit["name"]
        assert bit["values"]
        for value in bit["values"]:
            assert set(value) == {"name", "value"}
            assert is_java_integer(value["value"])
            assert value["value"] & ~bit["mask"] == 0


def check_field(field: dict[str, Any]) -> None:
    """Every rule of the packet editor's reader; one broken field aborts its whole load."""
    assert set(field) <= {
        "id",
        "name",
        "type",
        "format",
        "auto",
        "min",
        "max",
        "regex",
        "bits",
        "values_dict",
        "parts",
    }
    assert all(value is not None for value in field.values())
    assert isinstance(field["name"], str)
    assert field["name"]
    assert field.get("type", "STRING") in TYPES.split()
    assert type(field.get("auto", True)) is bool
    assert ("min" in field) == ("max" in field)
    if "min" in field:
        assert field["type"] == "NUMBER"
        assert is_java_integer(field["min"])
        assert is_java_integer(field["max"])
        assert field["min"] <= field["max"]
    if "regex" in field:
        re.compile(field["regex"])
        assert not re.search(r"\(\?P|\\[pPZ]", field["regex"])
    assert (field.get("type") == "ENUM") == ("values_dict" in field)
    if "values_dict" in field:
        assert field["values_dict"]
        assert all(name and is_java_integer(v) for name, v in field["values_dict"].items())
    assert (field.get("type") == "BITMASK") == ("bits" in field)
    if "bits" in field:
        check_bits(field)


@pytest.mark.sweep
def test_the_whole_reply_can_be_read_by_the_editor(wire: list[dict[str, Any]]) -> None:
    for protocol in wire:
        assert set(protocol) == {"id", "name", "fields"}
        assert isinstance(protocol["name"], str)
        assert protocol["name"]
        ids = [field["id"] for field in protocol["fields"]]
        assert len(ids) == len(set(ids))
        for field in protocol["fields"]:
            try:
                check_field(field)
            except AssertionError as error:
                raise AssertionError(f"{protocol['id']}.{field['id']}: {field}") from error


def test_all_layers_in_registry_order_with_all_their_fields(
    registry: Registry, wire: list[dict[str, Any]]
) -> None:
    assert [protocol["id"] for protocol in wire] == [layer.id for layer in registry]
    for protocol in wire:
        assert [field["id"] for field in protocol["fields"]] == list(
            registry.layer(protocol["id"]).by_id
        )


def test_the_list_of_protocols_stays_under_two_megabytes(
    definitions: Definitions, registry: Registry
) -> None:
    ids = protocol_ids(registry, definitions.handwritten, Templates().layers())
    assert len(msgspec.json.encode(definitions.select(ids))) < 2_000_000


def test_protocols_that_are_no_direct_subclass_of_packet_are_there(
    definitions: Definitions,
) -> None:
    """D38: the earlier server knew none of these."""
    wanted = ["ICMPv6EchoRequest", "ICMPv6ND_RS", "ICMPv6ND_RA", "SCTP", "Dot1AD", "NTP", "DNSQR"]
    assert [protocol.id for protocol in definitions.select(wanted)] == wanted


def test_select_filters_in_the_order_asked_for(definitions: Definitions) -> None:
    found = definitions.select(["TCP", "Ether", "TCP"])
    assert [protocol.id for protocol in found] == ["TCP", "Ether"]
    assert definitions.select([]) == []
    with pytest.raises(RefusedError, match="no layer 'Ehter'; did you mean \"Ether\""):
        definitions.select(["TCP", "Ehter"])


@pytest.mark.parametrize("layer_id", DOCUMENTED.split())
def test_protocols_described_by_hand(definitions: Definitions, layer_id: str) -> None:
    """Each of their fields has a label of its own, not Scapy's identifier."""
    (protocol,) = definitions.select([layer_id])
    assert definitions.handwritten.name(layer_id) == protocol.name
    assert [field.id for field in protocol.fields if field.name == field.id] == []


#: Layers that earlier versions of Scapy called otherwise; the former ones are always there.
SINCE_2_8 = {"IGMPv3_MQ", "IGMPv3_MR", "IGMPv3_MR_Group"}


def test_every_name_in_the_data_files_exists(registry: Registry) -> None:
    absent = {name for name in SINCE_2_8 if name not in registry}
    assert absent in (set(), SINCE_2_8)
    for file in own_files():
        protocols = [
            msgspec.structs.replace(
                protocol,
                payloads=UNSET
                if protocol.payloads is UNSET
                else [payload for payload in protocol.payloads if payload not in absent],
            )
            for protocol in file.protocols
            if protocol.id not in absent
        ]
        check_file(DataFile(file.name, protocols), registry)


MAC = {"type": "MAC_ADDRESS", "regex": MAC_REGEX}
NUMBER = {"type": "NUMBER"}
AUTO = {"type": "NUMBER", "auto": True}
PORT = {"type": "NUMBER", "min": 0, "max": 65535}
#: The overrides that the packet editor has always been sent.
OVERRIDES: list[tuple[str, str, dict[str, dict[str, Any]]]] = [
    (
        "Ether",
        "Ethernet II",
        {
            "dst": {"name": "Destination", **MAC},
            "src": {"name": "Source", **MAC},
            "type": {"name": "Type", "type": "ENUM"},
        },
    ),
    (
        "IP",
        "IPv4",
        {
            "ihl": AUTO,
            "tos": NUMBER,
            "len": AUTO,
            "id": NUMBER,
            "frag": NUMBER,
            "ttl": {"type": "NUMBER", "min": 0, "max": 255},
            "proto": {"type": "ENUM"},
            "chksum": {"type": "STRING", "auto": True},
            "src": {"type": "IP_ADDRESS"},
            "dst": {"type": "IP_ADDRESS"},
            "options": {"type": "IP_OPTIONS"},
        },
    ),
    (
        "TCP",
        "TCP",
        {
            "sport": PORT,
            "dport": PORT,
            "seq": NUMBER,
            "ack": NUMBER,
            "dataofs": NUMBER,
            "reserved": NUMBER,
            "window": NUMBER,
            "chksum": AUTO,
            "urgptr": NUMBER,
            "options": {"type": "TCP_OPTIONS"},
        },
    ),
    ("Raw", "Raw", {"load": {"name": "Payload", "type": "BYTES"}}),
]


@pytest.mark.parametrize(("layer_id", "name", "expected"), OVERRIDES)
def test_overrides(
    definitions: Definitions, layer_id: str, name: str, expected: dict[str, dict[str, Any]]
) -> None:
    assert definitions.select([layer_id])[0].name == name
    fields = fields_of(definitions, layer_id)
    for field_id, members in expected.items():
        assert members.items() <= fields[field_id].items(), field_id


def test_flags_of_ip_and_tcp(definitions: Definitions) -> None:
    flags = fields_of(definitions, "IP")["flags"]
    assert [(bit["name"], bit["mask"]) for bit in flags["bits"]] == [
        ("Reserved", 4),
        ("Fragment", 2),
        ("More Fragments", 1),
    ]
    assert flags["bits"][1]["values"] == [
        {"name": "May fragment (0)", "value": 0},
        {"name": "Don't fragment (1)", "value": 2},
    ]
    flags = fields_of(definitions, "TCP")["flags"]
    names = ["URG", "ACK", "PSH", "RST", "SYN", "FIN"]
    assert flags["bits"] == [
        {
            "name": name,
            "mask": mask,
            "values": [{"name": "Not Set", "value": 0}, {"name": "Set", "value": mask}],
        }
        for name, mask in zip(names, [32, 16, 8, 4, 2, 1], strict=True)
    ]


VALUES = [
    ("Ether", "type", {"IPv4": 2048, "ARP": 2054, "IPv6": 34525, "n_802_1Q": 33024, "LOOP": 36864}),
    ("IP", "proto", {"ip": 0, "icmp": 1, "igmp": 2, "tcp": 6, "udp": 17}),
    ("ARP", "op", {"who-has": 1, "is-at": 2}),
    ("ICMP", "type", {"echo-reply": 0, "echo-request": 8}),
    ("BOOTP", "op", {"BOOTREQUEST": 1, "BOOTREPLY": 2}),
]


@pytest.mark.parametrize(("layer_id", "field_id", "expected"), VALUES)
def test_named_values(
    definitions: Definitions, layer_id: str, field_id: str, expected: dict[str, int]
) -> None:
    """D39: fields with named values are ENUMs and have them."""
    field = fields_of(definitions, layer_id)[field_id]
    assert field["type"] == "ENUM"
    assert expected.items() <= field["values_dict"].items()


@pytest.mark.parametrize("layer_id", ["TCP", "UDP", "SCTP", "TCPerror", "UDPerror"])
def test_ports_do_not_depend_on_the_host(definitions: Definitions, layer_id: str) -> None:
    """D39: no empty values_dict, and D50: no names out of /etc/services."""
    fields = fields_of(definitions, layer_id)
    for field_id in ("sport", "dport"):
        assert PORT.items() <= fields[field_id].items()
        assert "values_dict" not in fields[field_id]


def test_words_for_a_layer_hold_for_those_derived_from_it(definitions: Definitions) -> None:
    assert fields_of(definitions, "Dot1AD")["dei"]["name"] == "Drop eligible (DEI)"
    assert fields_of(definitions, "IPerror")["src"]["name"] == "Source address"
    assert fields_of(definitions, "NTP")["stratum"]["name"] == "Stratum"


@pytest.mark.processes
@pytest.mark.parametrize("answer", ["definitions", "payload classes"])
def test_the_same_on_every_host_and_in_every_process(answer: str) -> None:
    """D50: neither the hash seed nor the host's files show."""
    here, there = digests()
    assert here[answer] == there[answer]


@pytest.fixture(scope="module")
def editor(registry: Registry, definitions: Definitions) -> Editor:
    return Editor(PacketCodec(registry), definitions)


def changes_nothing(editor: Editor, model: Model) -> bool:
    return editor.built(editor.drawn(model)).binary == editor.built(model).binary


def test_the_payload_is_all_that_the_editor_sets_by_drawing(
    definitions: Definitions, registry: Registry
) -> None:
    payloads = [
        (protocol.id, field.id)
        for protocol in definitions.select([layer.id for layer in registry])
        for field in protocol.fields
        if field.type == "BYTES"
    ]
    assert payloads == [("Raw", "load")]


@pytest.mark.parametrize("template", Templates().entries(), ids=lambda entry: entry.id)
def test_drawing_a_template_changes_nothing(editor: Editor, template: TemplateEntry) -> None:
    content = json.loads(Templates().content(template.id))
    assert changes_nothing(editor, content["packet"])


@pytest.mark.sweep
@pytest.mark.parametrize("below", [[], [{"id": "Ether"}]], ids=["alone", "on Ethernet"])
def test_drawing_a_layer_changes_nothing(editor: Editor, registry: Registry, below: Model) -> None:
    for layer in registry:
        model = [*below, {"id": layer.id}]
        try:
            editor.built(model)
        except RefusedError:
            continue  # a few cannot stand without values
        assert changes_nothing(editor, model), layer.id


def refused_texts(packet: PacketResult, editor: Editor) -> list[tuple[str, str, str]]:
    """What is handed out although the definition handed out with it refuses it."""
    return [
        (layer.id, field.id, field.hvalue)
        for layer in packet.data
        for field in layer.fields
        if not accepts(editor.described(layer.id)[field.id], field)
    ]


@pytest.mark.parametrize("layer_id", DOCUMENTED.split())
def test_every_text_passes_its_own_check(editor: Editor, layer_id: str) -> None:
    assert refused_texts(editor.built([{"id": layer_id}]), editor) == []


def texts_of(field: FieldFacts) -> Iterator[Any]:
    """Values that show each form of a field, and give the fields that follow it theirs."""
    yield from (None, {"vtype": "RANDOM", "seed": 1}, {"vtype": "RANDOM", "seed": 2})
    if field.maximum is not None:
        yield from (field.minimum, field.maximum, *islice(field.enum, 12))


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(8))
def test_every_text_of_every_field_passes_its_own_check(
    editor: Editor, registry: Registry, part: int
) -> None:
    for layer in list(registry)[part::8]:
        for field in layer.by_id.values():
            for value in texts_of(field):
                model = [{"id": layer.id, "fields": [{"id": field.id, "value": value}]}]
                try:
                    assert refused_texts(editor.built(model), editor) == []
                except RefusedError:
                    continue  # the value does not suit the field


@pytest.mark.parametrize("template", Templates().entries(), ids=lambda entry: entry.id)
def test_every_text_of_a_template_passes_its_own_check(
    editor: Editor, template: TemplateEntry
) -> None:
    content = json.loads(Templates().content(template.id))
    assert refused_texts(editor.built(content["packet"]), editor) == []


CAPTURES = Path(__file__).parents[1] / "sample_captures"


def recorded() -> list[bytes]:
    """Frames of the recordings, and each cut short and changed in one place."""
    frames = [
        record.data
        for path in sorted(CAPTURES.glob("*.pcap*"))
        for record in read_capture(path.read_bytes())
    ]
    for number, frame in enumerate(tuple(frames)):
        at = number * 7 % len(frame)
        frames += [frame[: len(frame) - at], frame[:at] + b"\0" + frame[at + 1 :]]
    return frames


def test_every_text_of_a_recorded_frame_passes_its_own_check(
    editor: Editor, registry: Registry
) -> None:
    codec = PacketCodec(registry)
    for frame in recorded():
        assert refused_texts(codec.dissect(frame), editor) == []


@pytest.mark.sweep
def test_every_text_of_chance_bytes_passes_its_own_check(
    editor: Editor, registry: Registry
) -> None:
    """What each layer reads from bytes that nobody meant for it."""
    chance = random.Random(12)
    codec = PacketCodec(registry)
    for layer in registry:
        model = parse_model([{"id": "Ether"}, {"id": layer.id}], registry)
        try:
            frame = bytearray(b64decode(codec.build(model).binary or ""))
        except RefusedError:
            continue
        frame[14:] = chance.randbytes(max(32, len(frame) - 14))
        assert refused_texts(codec.dissect(bytes(frame)), editor) == [], layer.id


def offered(field: dict[str, Any]) -> list[str]:
    """What a user can pick or type at the ends of what a definition allows."""
    match field["type"]:
        case "NUMBER":
            return [str(field.get("min", 0)), str(field.get("max", 1))]
        case "ENUM":
            values = list(field["values_dict"].values())
            return [str(values[0]), str(values[-1])]
        case "BITMASK":
            return [str(value["value"]) for bit in field["bits"] for value in bit["values"]]
        case "MAC_ADDRESS":
            return ["00:11:22:33:44:55", "00-11-22-33-44-55"]
        case "IP_ADDRESS":
            return ["255.255.255.255"]
        case _:
            return ["::1"] if "regex" in field else []


@pytest.mark.sweep
def test_what_is_offered_is_accepted(registry: Registry, definitions: Definitions) -> None:
    codec = PacketCodec(registry)
    known = [layer_id for layer_id in definitions.handwritten if layer_id in registry]
    refused = []
    for layer_id in known:
        for field_id, field in fields_of(definitions, layer_id).items():
            for value in offered(field):
                model = [{"id": layer_id, "fields": [{"id": field_id, "value": value}]}]
                try:
                    codec.build(parse_model(model, registry))
                except RefusedError as error:
                    refused.append(error.message)
    assert refused == []


OPERATOR_FILE = {
    "protocols": [
        {
            "id": "VXLAN",
            "name": "Overlay",
            "payloads": ["IP", "*"],
            "fields": [
                {"id": "vni", "name": "Segment", "values_dict": {"red": 1, "blue": 2}},
                {"id": "reserved2", "type": "STRING"},
                {"id": "gpid", "values": "policies"},
            ],
        },
        {"id": "Dot1Q", "fields": [{"id": "vtype", "name": "Inner type"}]},
    ],
    "values": {"policies": {"none": 0, "all": 1}},
}


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "own.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_an_operators_file_is_laid_over_ours(registry: Registry, tmp_path: Path) -> None:
    definitions = Definitions(registry, [written(tmp_path, OPERATOR_FILE)])
    (protocol,) = definitions.select(["VXLAN"])
    assert protocol.name == "Overlay"
    fields = fields_of(definitions, "VXLAN")
    assert fields["vni"] == {
        "id": "vni",
        "name": "Segment",
        "type": "ENUM",
        "format": "hex",
        "values_dict": {"red": 1, "blue": 2},
    }
    assert fields["reserved2"] == {
        "id": "reserved2",
        "name": "Reserved",
        "type": "STRING",
        "format": "hex",
    }
    assert fields["gpid"]["values_dict"] == {"none": 0, "all": 1}
    assert fields["flags"]["bits"][0]["name"] == "Group policy (G)"
    assert fields_of(definitions, "Dot1Q")["type"]["name"] == "Inner type"
    assert definitions.handwritten.payloads("VXLAN") == ["IP", "*"]


def protocol(*fields: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"protocols": [{"id": "TCP", "fields": list(fields), **members}]}


BAD_FILES: list[tuple[object, list[str]]] = [
    ({"protocols": [{"id": "TPC"}]}, ["protocol 0 (TPC)", "no layer 'TPC'", '"TCP"']),
    (protocol({"id": "sprt"}), ["protocol 0 (TCP)", "field sprt", "no field", '"sport"']),
    (protocol(payloads=["HTTP", "Nope"]), ["protocol 0 (TCP)", "payloads", "no layer 'Nope'"]),
    (protocol({"id": "seq", "type": "ENUM"}), ["field seq", "ENUM needs values"]),
    (protocol({"id": "seq", "type": "BITMASK"}), ["field seq", "BITMASK needs bits"]),
]


@pytest.mark.parametrize(("content", "parts"), BAD_FILES)
def test_an_operators_file_that_does_not_fit_is_refused(
    registry: Registry, tmp_path: Path, content: object, parts: list[str]
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(RefusedError) as caught:
        Definitions(registry, [path])
    for part in [str(path), *parts]:
        assert part in caught.value.message


def test_entries_of_fields_that_this_scapy_lacks_are_passed_over(registry: Registry) -> None:
    """Only in our own files, for they serve several versions of Scapy."""
    known, gone = FieldEntry(id="dst", name="To"), FieldEntry(id="gone", name="Gone")
    entry = ProtocolEntry(id="Ether", fields=[gone, known])
    definitions = Definitions(registry)
    definitions.handwritten = Handwritten([DataFile("ours.json", [entry])])
    (ether,) = definitions.select(["Ether"])
    assert [field.name for field in ether.fields] == ["To", "src", "type"]
