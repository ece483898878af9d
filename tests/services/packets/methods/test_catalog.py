"""Databases, tree, definitions and payload classes, as clients ask for them."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from scapy_server import work
from scapy_server.packet.layers.registry import Registry
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.methods.catalog import get_payload_classes
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.services.packets.calling import HANDLER, call, error, in_every_form, reply_to


def test_get_all(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "get_all")
    assert result.keys() == {"db", "fields", "db_md5", "fields_md5"}
    assert "MACField" in result["fields"]


def test_check_update(dispatcher: Dispatcher) -> None:
    result = call(dispatcher, "get_all")
    db, fields = result["db_md5"], result["fields_md5"]
    assert in_every_form(dispatcher, "check_update", db_md5=db, field_md5=fields) is True
    assert in_every_form(dispatcher, "check_update_of_dbs", db_md5=db, fields_md5=fields) is True
    # Documented md5s end with a line feed.
    assert call(dispatcher, "check_update", [f"{db}\n", f"{fields}\n"]) is True


@pytest.mark.parametrize("method", ["check_update", "check_update_of_dbs"])
@pytest.mark.parametrize("front", [[], [HANDLER]])
def test_check_update_of_what_has_changed(
    dispatcher: Dispatcher, method: str, front: list[str]
) -> None:
    result = call(dispatcher, "get_all")
    db, fields = result["db_md5"], result["fields_md5"]
    protocols_changed = (-32098, "Scapy Server: Protocol DB is not up to date")
    fields_changed = (-32098, "Scapy Server: Fields DB is not up to date")
    assert error(dispatcher, method, [*front, "x", fields]) == protocols_changed
    assert error(dispatcher, method, [*front, db, "x"]) == fields_changed
    assert error(dispatcher, method, [*front, "md5_of_protocol_db", "x"]) == fields_changed


def test_get_tree(dispatcher: Dispatcher) -> None:
    assert in_every_form(dispatcher, "get_tree") == {
        "ALL": {"Ether": {"ARP": {}, "IP": {"TCP": {"RAW": "payload"}, "UDP": {"RAW": "payload"}}}}
    }


def test_get_definitions_of_some(dispatcher: Dispatcher) -> None:
    result = in_every_form(dispatcher, "get_definitions", def_filter=["Ether", "TCP"])
    assert [protocol["id"] for protocol in result["protocols"]] == ["Ether", "TCP"]
    assert call(dispatcher, "get_definitions", ["Ether", "TCP"]) == result
    assert call(dispatcher, "get_definitions", [HANDLER, "Ether", "TCP"]) == result


@pytest.mark.parametrize(
    "params", [None, [], [None], [[]], [HANDLER], [HANDLER, None], [HANDLER, []], {}]
)
def test_get_definitions_of_all(dispatcher: Dispatcher, params: Any) -> None:
    result = call(dispatcher, "get_definitions", params)
    ids = [protocol["id"] for protocol in result["protocols"]]
    assert 200 < len(ids) == len(set(ids)) <= 1500
    assert {"IP", "IGMPv3", "NTP", "LLDPDU", "SCTPChunkInit", "RadioTap", "Padding"} <= set(ids)


@pytest.mark.parametrize("params", [None, [["Ether"]], [["DNSQR"]]])
def test_get_definitions_has_what_the_gui_reads(dispatcher: Dispatcher, params: Any) -> None:
    result = call(dispatcher, "get_definitions", params)
    assert result.keys() == {
        "protocols",
        "feInstructionParameters",
        "feInstructions",
        "feParameters",
        "feTemplates",
    }
    assert [item["id"] for item in result["feParameters"]].count("cache_size") == 1


@pytest.mark.parametrize("layer_id", ["DNSQR", "IPOption_NOP", "BGPPathAttr", "TLS_Ext_ServerName"])
def test_a_layer_that_is_no_protocol_is_told_by_name(dispatcher: Dispatcher, layer_id: str) -> None:
    listed = call(dispatcher, "get_definitions")["protocols"]
    assert layer_id not in {protocol["id"] for protocol in listed}
    result = call(dispatcher, "get_definitions", [[layer_id]])
    assert [protocol["id"] for protocol in result["protocols"]] == [layer_id]


def test_an_unknown_name_is_refused_with_the_nearest(dispatcher: Dispatcher) -> None:
    assert error(dispatcher, "get_definitions", [["IP", "TPC"]]) == (
        -32098,
        "Scapy Server: there is no layer 'TPC'; did you mean \"TCP\"?",
    )


def test_what_may_follow_is_a_protocol_and_can_be_built(dispatcher: Dispatcher) -> None:
    listed = {protocol["id"] for protocol in call(dispatcher, "get_definitions")["protocols"]}
    for below in ("Ether", "Dot1Q", "IP", "IPv6", "TCP", "UDP", "HomePlugAV", "Dot11", "IGMPv3"):
        offered = call(dispatcher, "get_payload_classes", [[{"id": below}]])
        assert set(offered) <= listed
        for payload in offered:
            assert call(dispatcher, "build_pkt", [[{"id": below}, {"id": payload}]])["binary"]


@pytest.mark.sweep
def test_whatever_is_offered_can_be_built(dispatcher: Dispatcher) -> None:
    listed = {protocol["id"] for protocol in call(dispatcher, "get_definitions")["protocols"]}
    for below in sorted(listed):
        offered = call(dispatcher, "get_payload_classes", [[{"id": below}]])
        assert set(offered) <= listed
        alone = reply_to(dispatcher, "build_pkt", [[{"id": below}]])
        under = [] if "error" in alone else [{"id": below}]
        for payload in offered:
            call(dispatcher, "build_pkt", [[*under, {"id": payload}]])


@pytest.mark.parametrize(
    "params", [[["IP", 5]], [[None]], [HANDLER, [["IP"]]], {"def_filter": [{}]}]
)
def test_filters_hold_strings(dispatcher: Dispatcher, params: Any) -> None:
    code, message = error(dispatcher, "get_definitions", params)
    assert code == -32603
    assert "of def_filter must be a string" in message


@pytest.mark.parametrize(
    ("ids", "with_", "without"),
    [
        (["Ether"], {"IP", "IPv6", "Dot1Q", "Raw"}, {"TCP", "Ether"}),
        (["Ether", "Dot1Q"], {"Dot1Q", "IP"}, set()),
        (["Ether", "IP"], {"TCP", "UDP", "ICMP", "Raw"}, set()),
        (["TCP"], {"Raw"}, set()),
        (["Ether", "Ether", "ARP", "Ether"], {"IP"}, {"TCP"}),
    ],
)
def test_get_payload_classes_of_the_last_layer(
    dispatcher: Dispatcher, ids: list[str], with_: set[str], without: set[str]
) -> None:
    model = [{"id": layer_id} for layer_id in ids]
    offered = in_every_form(dispatcher, "get_payload_classes", pkt_model_descriptor=model)
    assert with_ <= set(offered)
    assert not without & set(offered)
    assert offered == call(dispatcher, "get_payload_classes", [model[-1:]])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ([], "at least one layer"),
        ([{"id": "Ehter"}], 'did you mean "Ether"?'),
        ([5], "layer 0"),
        ([{"id": "Ether"}, {"id": 7}], "layer 1"),
    ],
)
def test_get_payload_classes_of_what_is_no_model(
    dispatcher: Dispatcher, model: list[Any], said: str
) -> None:
    code, message = error(dispatcher, "get_payload_classes", [model])
    assert code == -32098
    assert said in message


def test_definitions_are_the_same_every_time(dispatcher: Dispatcher) -> None:
    first, second = (json.dumps(call(dispatcher, "get_definitions")) for _ in range(2))
    assert first == second


def test_payload_classes_above_what_takes_long_to_show(dispatcher: Dispatcher) -> None:
    offered = call(dispatcher, "get_payload_classes", [[{"id": "IKEv2_CERT"}]])
    assert len(offered) == 25
    assert offered[-1] == "Raw"


def test_payload_classes_are_all_or_none(registry: Registry) -> None:
    core = Core.over(registry)
    ticks = itertools.count(step=100)
    hurry = work.request(lambda: next(ticks), lambda: next(ticks))
    with hurry, pytest.raises(work.WorkExhausted):
        get_payload_classes(core, [{"id": "IP"}])
    assert call(dispatcher_of(core), "get_payload_classes", [[{"id": "IP"}]])[-1] == "Raw"
