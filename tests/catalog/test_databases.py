from __future__ import annotations

import base64
import re

import msgspec
import pytest

from scapy_server.catalog.databases import Databases
from scapy_server.packet.layers.registry import Registry
from tests.catalog.fresh import digests


@pytest.fixture(scope="module")
def databases(registry: Registry) -> Databases:
    return Databases(registry)


DEFAULTS = [
    ("Ether", ["dst", "DestMACField", "('00:00:00:01:00:00')"]),
    ("Ether", ["type", "XShortEnumField", "(36864)"]),
    ("ARP", ["hwtype", "XShortEnumField", "(1)"]),
    ("ARP", ["hwlen", "FieldLenField", "(None)"]),
    ("ARP", ["hwdst", "MACField", "('00:00:00:00:00:00')"]),
    ("ARP", ["pdst", "IPField", "('0.0.0.0')"]),
    ("IP", ["flags", "FlagsField", "(0)"]),
    ("IP", ["options", "PacketListField", "([])"]),
    ("TCP", ["flags", "FlagsField", "(2)"]),
    ("Raw", ["load", "StrField", "(b'')"]),
    ("ICMP", ["ts_ori", "ICMPTimeStampField", "(0)"]),
]


@pytest.mark.parametrize(("layer_id", "expected"), DEFAULTS)
def test_defaults(databases: Databases, layer_id: str, expected: list[str]) -> None:
    assert expected in databases.protocols[layer_id]


def test_every_layer_is_there_with_every_field(registry: Registry, databases: Databases) -> None:
    """D37: the earlier server left out the last protocol and those with an underscore."""
    assert list(databases.protocols) == [layer.id for layer in registry]
    for layer in registry:
        entries = databases.protocols[layer.id]
        assert [name for name, _, _ in entries] == [field.id for field in layer.fields]


def test_entries_are_triples_of_text_without_addresses(databases: Databases) -> None:
    for entries in databases.protocols.values():
        for entry in entries:
            assert [type(member) for member in entry] == [str, str, str]
            assert entry[2][0] + entry[2][-1] == "()"
            assert not re.search(r"0x[0-9a-f]{8,}|<.* object", entry[2])


def test_fields_are_the_classes_in_use(databases: Databases) -> None:
    used = {name for entries in databases.protocols.values() for _, name, _ in entries}
    assert set(databases.fields) == used
    patterns = {name for name, regex in databases.fields.items() if regex != "empty"}
    assert patterns == {"MACField", "IPField"}


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("IPField", "16.0.0.1", True),
        ("IPField", "255.255.255.255", True),
        ("IPField", "0.0.0.0", True),
        ("IPField", "256.0.0.1", False),
        ("IPField", "1.2.3", False),
        ("IPField", "1.2.3.4.5", False),
        ("MACField", "00:00:00:01:00:00", True),
        ("MACField", "00-00-00-01-00-0F", True),
        ("MACField", "00:00:00:01:00", False),
    ],
)
def test_patterns(databases: Databases, field: str, text: str, expected: bool) -> None:
    assert bool(re.search(databases.fields[field], text)) == expected


def test_checksums_are_base64_of_an_md5(databases: Databases) -> None:
    for checksum in (databases.protocols_md5, databases.fields_md5):
        assert len(base64.b64decode(checksum, validate=True)) == 16
    assert databases.protocols_md5 != databases.fields_md5


def test_databases_are_json(databases: Databases) -> None:
    decoded = msgspec.json.decode(msgspec.json.encode(databases.protocols))
    assert decoded == databases.protocols


@pytest.mark.processes
@pytest.mark.parametrize("answer", ["databases", "checksums"])
def test_the_same_on_every_host_and_after_every_restart(answer: str) -> None:
    """D37: else check_update fails after each restart."""
    here, there = digests()
    assert here[answer] == there[answer]
