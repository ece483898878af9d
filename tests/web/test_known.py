from __future__ import annotations

import asyncio
import re

import pytest

from scapy_server.client import ClientError
from scapy_server.desk.errors import DeskError
from scapy_server.web.known import Known
from tests.web.panes.shown import here


def test_definitions_are_fetched_once_and_payloads_when_they_are_asked_for() -> None:
    async def story() -> None:
        link, as_link = here()
        known = Known(as_link)
        assert known.field("IP", "ttl") == {}
        known = Known(as_link)
        for _ in range(2):
            await known.load()
        assert link.asked == ["get_definitions", "get_templates"]
        assert known.protocols["IP"]["name"]
        assert {each["id"] for each in known.instructions} >= {"STLVmFlowVar", "STLVmTupleGen"}
        assert "TCP-SYN" in {each["id"] for each in known.templates}
        assert known.field("IP", "ttl")["id"] == "ttl"
        assert known.field("IP", "nope") == known.field("Nope", "ttl") == {}
        for _ in range(2):
            assert {"TCP", "UDP"} <= set(await known.payloads("IP"))
        assert link.asked[2:] == ["get_payload_classes"]

    asyncio.run(story())


def test_fields_that_are_computed() -> None:
    async def story() -> None:
        link, as_link = here()
        fields = [{"id": "len", "auto": True}, {"id": "ttl"}]
        link.told["get_definitions"] = {"protocols": [{"id": "IP", "fields": fields}]}
        known = Known(as_link)
        await known.load()
        assert known.automatic("IP") == {"len"}
        assert known.automatic("Nope") == frozenset()

    asyncio.run(story())


def test_what_fields_hold_is_asked_for_once() -> None:
    async def story() -> None:
        link, as_link = here()
        known = Known(as_link)
        assert known.unknown(["DNSQR"]) == []  # before anything is known
        await known.load()
        assert known.field("DNSQR", "qtype") == {}
        assert known.unknown(["", "DNS", "DNSQR", "DNSQR"]) == ["DNSQR"]
        asked = len(link.asked)
        for _ in range(2):
            await known.learn(["DNSQR", "NoLayer"])
        assert link.asked[asked:] == ["get_definitions"] * 2
        assert known.field("DNSQR", "qtype")["values_dict"]["AAAA"] == 28
        assert known.unknown(["DNSQR", "NoLayer"]) == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("IP.sorc", "there is no field 'sorc' in IP; did you mean \"src\"?"),
        ("IP:1.sorc[0].x", "there is no field 'sorc' in IP"),
        ("IPX", "there is no layer 'IPX'"),
        ("gtp_v2.Nothing.x", "there is no layer 'gtp_v2'"),
        ("IP.src", None),
        ("DNSQR.qtype", None),
        ("DNS.qd[0].qtype", None),
        ("HTTPRequest.Unknown_Headers.X-Test", None),
    ],
)
def test_names_are_those_of_layers_and_fields(name: str, said: str | None) -> None:
    async def story() -> None:
        _, as_link = here()
        known = Known(as_link)
        await known.check("Nope")  # nothing is known yet
        await known.load()
        if said is None:
            await known.check(name)
        else:
            with pytest.raises(DeskError, match=re.escape(said)):
                await known.check(name)

    asyncio.run(story())


@pytest.mark.parametrize("method", ["get_definitions", "get_templates", "get_payload_classes"])
def test_what_an_older_server_does_not_tell_stays_empty(method: str) -> None:
    async def story() -> None:
        link, as_link = here()
        link.told[method] = ClientError(-32601, "Method not found")
        known = Known(as_link)
        await known.load()
        found = {
            "get_definitions": known.protocols,
            "get_templates": known.templates,
            "get_payload_classes": await known.payloads("IP"),
        }
        assert [name for name, told in found.items() if not told] == [method]

    asyncio.run(story())
