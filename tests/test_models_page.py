"""Every example of docs/models.md is sent, and answered with the bytes or the words below it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import reply_to

PAGE = (Path(__file__).parents[1] / "docs" / "models.md").read_text()
EXAMPLES = re.findall(r"^```json\n(.+)\n```\n\n(Bytes|Refused): `(.+)`$", PAGE, re.MULTILINE)


def test_every_example_has_its_answer() -> None:
    assert len(EXAMPLES) == PAGE.count("```json") >= 40


@pytest.mark.parametrize(("request_text", "kind", "said"), EXAMPLES)
def test_an_example(request_text: str, kind: str, said: str, dispatcher: Dispatcher) -> None:
    assert answered(request_text, dispatcher) == (kind, said)


def answered(request_text: str, dispatcher: Dispatcher) -> tuple[str, str]:
    """What the page says below an example: a model, or a request."""
    example = json.loads(request_text)
    if isinstance(example, list):
        example = {"method": "build_pkt", "params": [example]}
    reply = reply_to(dispatcher, example["method"], example["params"])
    if "error" in reply:
        return "Refused", reply["error"]["message"]
    return "Bytes", base64.b64decode(reply["result"]["binary"]).hex(" ", -2)
