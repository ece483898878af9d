"""Ready-made packets.

Source: RPC document, "Get a list of predefined packet templates";
docs/wire.md, "Templates".
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from scapy_server.errors import InvalidParams
from scapy_server.rpc.method import Parameter
from scapy_server.schema.templates import TemplateEntry
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType


def get_templates(core: Core) -> msgspec.Raw:
    """Every template with its id, caption and description."""
    return core.encoded.get("get_templates", core.templates.entries)


def get_template(core: Core, template: str | dict[str, Any]) -> str:
    """The text of a template in base64; empty for an id that no template could have."""
    template_id = template.get("id") if isinstance(template, dict) else template
    if not isinstance(template_id, str):
        raise InvalidParams('id must be the id of a template, or {"id": it}')
    return base64.b64encode(core.templates.content(template_id)).decode("ascii")


METHODS = (
    Method(
        "get_templates",
        get_templates,
        summary="List the predefined packet templates.",
        result='an array of {"id", "meta": {"name", "description"}}',
        shape=list[TemplateEntry],
        versioned=True,
        quick=True,
        constant=True,
    ),
    Method(
        "get_template",
        get_template,
        summary="Give a predefined packet template.",
        result="the template, JSON text in base64",
        shape=bytes,
        parameters=(
            Parameter(
                "id",
                (JsonType.OBJECT, JsonType.STRING),
                'the template, as {"id": "TCP-SYN"} or just its id',
            ),
        ),
        versioned=True,
        constant=True,
    ),
)
