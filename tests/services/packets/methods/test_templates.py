"""Templates, as clients ask for them. Their contents are tested in tests/catalog."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import HANDLER, call, error, in_every_form


def test_get_templates(dispatcher: Dispatcher) -> None:
    templates = in_every_form(dispatcher, "get_templates")
    assert {"TCP-SYN", "ICMP echo request", "IPv4/UDP"} <= {entry["id"] for entry in templates}
    for entry in templates:
        assert entry.keys() == {"id", "meta"}
        assert entry["meta"].keys() == {"name", "description"}


def test_every_template_is_to_be_had(dispatcher: Dispatcher) -> None:
    for entry in call(dispatcher, "get_templates", [HANDLER]):
        text = call(dispatcher, "get_template", [HANDLER, {"id": entry["id"]}])
        document = json.loads(base64.b64decode(text, validate=True))
        assert document["metadata"]["caption"] == entry["meta"]["name"]


def test_forms_of_the_id(dispatcher: Dispatcher) -> None:
    text = in_every_form(dispatcher, "get_template", id="TCP-SYN")
    assert in_every_form(dispatcher, "get_template", id={"id": "TCP-SYN"}) == text
    assert call(dispatcher, "get_template", {"id": "TCP-SYN"}) == text


@pytest.mark.parametrize("odd", ["../../etc/passwd", "TCP-SYN|x", "*", "a..b"])
def test_odd_names_are_empty(dispatcher: Dispatcher, odd: str) -> None:
    assert call(dispatcher, "get_template", [HANDLER, {"id": odd}]) == ""


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ([{"id": "nope"}], -32098),
        (["/etc/passwd"], -32098),
        (["bad", {"id": "TCP-SYN"}], -32098),
        ([{}], -32603),
        ([{"id": 5}], -32603),
        ([[]], -32603),
        ([], -32603),
        (None, -32603),
    ],
)
def test_errors(dispatcher: Dispatcher, params: Any, code: int) -> None:
    found, message = error(dispatcher, "get_template", params)
    assert found == code
    assert ".trp" not in message
