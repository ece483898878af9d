"""What is written means what `evaluate` reads of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.asn1.asn1 import ASN1_STRING
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from scapy_server.errors import RefusedError
from scapy_server.packet.expressions.arithmetic import Budget
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.expressions.meaning import Written, from_bytes, meaning
from scapy_server.packet.expressions.writing import Writer
from scapy_server.packet.layers.registry import Registry
from tests.packet.expressions.test_writing import packets_of_all_layers

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers() | st.text(), inner, max_size=3)
        | st.sets(st.integers() | st.binary(), max_size=3)
    ),
    max_leaves=12,
)


def content(value: Any) -> Any:
    """All that a value consists of, to be compared."""
    if isinstance(value, Packet):
        own = {name: content(each) for name, each in value.fields.items()}
        return type(value), own, content(value.payload) if value.payload else None
    if isinstance(value, list | tuple):
        return type(value), [content(item) for item in value]
    if isinstance(value, dict):
        return [(content(key), content(item)) for key, item in value.items()]
    if hasattr(value, "val"):
        return type(value), content(value.val)
    return type(value), repr(value) if not isinstance(value, set) else value


def written(value: Any, registry: Registry) -> Written:
    return Writer(registry).written(value, 0)


def agrees(value: Any, registry: Registry) -> None:
    found = written(value, registry)
    read = content(evaluate(found.text, registry))
    assert content(meaning(found, registry)) == read
    if found.is_sure and found.depth < 10:
        assert content(found.make(Budget())) == read


@given(value=PLAIN)
def test_plain_values(registry: Registry, value: Any) -> None:
    agrees(value, registry)


@pytest.mark.parametrize(
    "value",
    [
        Ether() / IP(src="192.0.2.1") / UDP(sport=5) / DNS(qd=[DNSQR(qname="a.example")]),
        TCP(options=[("MSS", 1460), ("NOP", None), ("Timestamp", (1, 2))]),
        [IP(ttl=-1 & 255), b"x", {"a": (1,)}, set()],
        uuid.UUID(int=7),
        ASN1_STRING(b"text"),
    ],
)
def test_layers_and_constructors(registry: Registry, value: Any) -> None:
    agrees(value, registry)


def test_what_could_be_read_in_another_way_is_read(registry: Registry) -> None:
    """Letters beyond ASCII, deep nesting, and names that are no words."""
    assert not written("é", registry).is_sure
    assert meaning(written("é", registry), registry) == "é"
    deep: Any = 5
    for _ in range(30):
        deep = [deep]
    assert meaning(written(deep, registry), registry) == deep
    wrong = Written("import", lambda _: 5, is_sure=False)
    with pytest.raises(RefusedError, match='"import" is not allowed'):
        meaning(wrong, registry)


def test_bounds_are_those_of_expressions(registry: Registry) -> None:
    many = from_bytes(registry.layer("IP"), bytes(70_000))
    for means in (lambda: many.make(Budget()), lambda: evaluate(many.text, registry)):
        with pytest.raises(RefusedError, match="at most 65536 bytes"):
            means()


@pytest.mark.sweep
def test_every_layer_means_what_is_read(registry: Registry) -> None:
    wrong = []
    for layer_id, kind, packet in packets_of_all_layers(registry):
        found = Writer(registry).layer(packet, 0)
        if not found.is_sure:
            continue
        if content(found.make(Budget())) != content(evaluate(found.text, registry)):
            wrong.append((layer_id, kind, found.text))
    assert wrong == []
