"""What exists: databases, tree, definitions, payload classes.

Source: RPC document, "GetAll" to "Get protocol tree hierarchy example".
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.catalog.databases import Databases
from scapy_server.catalog.payload_classes import payload_classes
from scapy_server.catalog.protocols import protocol_ids
from scapy_server.catalog.tree import PROTOCOL_TREE
from scapy_server.errors import InvalidParams, RefusedError, ScapyServerError
from scapy_server.packet.models.model import parse_model
from scapy_server.programs.catalogue import client_metadata
from scapy_server.rpc.method import Parameter
from scapy_server.schema.definitions import AllDatabases, DefinitionsResult
from scapy_server.schema.models import PacketModel
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType
from scapy_server.work import WorkExhausted


def get_all(core: Core) -> msgspec.Raw:
    """Both databases with their checksums."""
    return core.encoded.get("get_all", lambda: _all_databases(core.databases))


def _all_databases(databases: Databases) -> AllDatabases:
    return AllDatabases(
        databases.protocols, databases.fields, databases.protocols_md5, databases.fields_md5
    )


def check_update(core: Core, protocols_md5: str, fields_md5: str) -> bool:
    """True when the client's databases are ours; the fields are looked at first."""
    if fields_md5.strip() != core.databases.fields_md5:
        raise RefusedError("Fields DB is not up to date")
    if protocols_md5.strip() != core.databases.protocols_md5:
        raise RefusedError("Protocol DB is not up to date")
    return True


def get_tree(core: Core) -> dict[str, Any]:
    """The documents' example hierarchy."""
    return PROTOCOL_TREE


def get_definitions(core: Core, ids: list[Any] | None) -> DefinitionsResult | msgspec.Raw:
    """The definitions of the layers asked for; none named means all protocols."""
    for position, layer_id in enumerate(ids or ()):
        if not isinstance(layer_id, str):
            kind = JsonType.of(layer_id).value
            raise InvalidParams(f"item {position} of def_filter must be a string, not {kind}")
    if ids:
        return _definitions(core, ids)
    return core.encoded.get("get_definitions", lambda: _definitions(core, _protocols(core)))


def _protocols(core: Core) -> list[str]:
    return protocol_ids(core.registry, core.definitions.handwritten, core.templates.layers())


def _definitions(core: Core, ids: list[str]) -> DefinitionsResult:
    metadata = client_metadata()
    return DefinitionsResult(
        protocols=core.definitions.select(ids),
        fe_instruction_parameters=metadata["feInstructionParameters"],
        fe_instructions=metadata["feInstructions"],
        fe_parameters=metadata["feParameters"],
        fe_templates=metadata["feTemplates"],
    )


def get_payload_classes(core: Core, raw_model: list[Any]) -> msgspec.Raw:
    """The layers to offer above the last layer of the model."""
    model = parse_model(raw_model, core.registry)
    if not model:
        raise RefusedError("a packet model needs at least one layer to carry a payload")
    last = model[-1].id
    return core.encoded.get(
        ("get_payload_classes", last),
        lambda: _buildable_payloads(core, last),
    )


def _buildable_payloads(core: Core, layer_id: str) -> list[str]:
    below = [{"id": layer_id}] if _can_be_built(core, [{"id": layer_id}]) else []
    offered = payload_classes(core.registry, layer_id, core.definitions.handwritten)
    return [payload for payload in offered if _can_be_built(core, [*below, {"id": payload}])]


def _can_be_built(core: Core, raw_model: list[Any]) -> bool:
    """Whether an editor can put the layer there as it is: some need values of their own.

    It is not read again, which may take longer than to build it. Raises WorkExhausted.
    """
    try:
        core.codec.frame_of(parse_model(raw_model, core.registry))
    except WorkExhausted:
        raise  # says nothing of this layer, and the answer would be kept
    except ScapyServerError:
        return False
    return True


_NO_DATABASE_CHANGE = "true, or the error `Fields DB is not up to date` or `Protocol DB is …`"

METHODS = (
    Method(
        "get_all",
        get_all,
        summary="Give the databases of protocols and of field types.",
        result="an object: db (protocol to its fields: name, type, default), fields (type to "
        "regular expression), db_md5, fields_md5",
        shape=AllDatabases,
        versioned=True,
        constant=True,
    ),
    Method(
        "check_update",
        check_update,
        summary="Check whether the databases that a client keeps are still the server's.",
        result=_NO_DATABASE_CHANGE,
        shape=bool,
        parameters=(
            Parameter("db_md5", (JsonType.STRING,), "db_md5 as get_all gave it"),
            Parameter("field_md5", (JsonType.STRING,), "fields_md5 as get_all gave it"),
        ),
        versioned=True,
        quick=True,
    ),
    Method(
        "check_update_of_dbs",
        check_update,
        summary="Check the databases, as check_update does.",
        result=_NO_DATABASE_CHANGE,
        shape=bool,
        parameters=(
            Parameter("db_md5", (JsonType.STRING,), "db_md5 as get_all gave it"),
            Parameter("fields_md5", (JsonType.STRING,), "fields_md5 as get_all gave it"),
        ),
        versioned=True,
        quick=True,
    ),
    Method(
        "get_tree",
        get_tree,
        summary="Suggest a hierarchy of protocols.",
        result="an object of objects, from a protocol to what may follow it",
        shape=dict[str, Any],
        versioned=True,
        quick=True,
        constant=True,
    ),
    Method(
        "get_definitions",
        get_definitions,
        summary="Describe protocols and their fields, or any layers by name.",
        result="an object: protocols, and feInstructionParameters, feInstructions, "
        "feParameters, feTemplates of the Field Engine",
        shape=DefinitionsResult,
        parameters=(
            Parameter(
                "def_filter",
                (JsonType.ARRAY, JsonType.NULL),
                "the ids of the layers to describe; null or [] means all protocols",
                required=False,
                shape=list[str] | None,
            ),
        ),
        versioned=True,
        spreads=True,
        constant=True,
    ),
    Method(
        "get_payload_classes",
        get_payload_classes,
        summary="List the layers that may follow the last layer of a packet model.",
        result="an array of layer ids",
        shape=list[str],
        parameters=(
            Parameter(
                "pkt_model_descriptor", (JsonType.ARRAY,), "the packet model", shape=PacketModel
            ),
        ),
        versioned=True,
        constant=True,
    ),
)
