"""What a model, or a call with many, may cost altogether."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.budget import ModelBudget, check_models
from scapy_server.packet.models.model import parse_model
from tests.packet.cases import Json, expression, layer


def options(nodes: int) -> Json:
    """An expression of so many syntax nodes, the list itself among them."""
    return expression(f"[{'1,' * (nodes - 1)}]")


def test_expressions_of_a_model_add_up(registry: Registry) -> None:
    def build(*amounts: int) -> None:
        # The last value of a field wins, and makes a packet that can be built.
        values = [*(options(amount) for amount in amounts), {"vtype": "UNDEFINED"}]
        fields = [{"id": "options", "value": value} for value in values]
        PacketCodec(registry).build(parse_model([{"id": "IP", "fields": fields}], registry))

    each = int(limits.EXPRESSION_NODES)
    many, left = divmod(int(limits.MODEL_EXPRESSION_NODES), each)
    build(*[each] * many, *[left] * bool(left))
    with pytest.raises(RefusedError, match=r"layer 0 \(IP\), field options: all expressions of a"):
        build(*[each] * many, left + 1)


def test_the_bounds_of_a_model() -> None:
    budget = ModelBudget()
    budget.spend_nodes(limits.MODEL_EXPRESSION_NODES)
    with pytest.raises(RefusedError, match="all expressions of a packet model together"):
        budget.spend_nodes(1)
    budget.spend_payload(limits.PAYLOAD_BYTES)
    budget.spend_payload(limits.FRAME_BYTES - limits.PAYLOAD_BYTES)
    with pytest.raises(RefusedError, match="a packet may be at most"):
        budget.spend_payload(1)


HALF_AND_MORE = limits.CALL_PAYLOAD_BYTES // 2 + 1

TOO_MUCH: list[Any] = [
    {"vtype": "BYTES", "base64": "A" * HALF_AND_MORE},
    {"vtype": "BYTES", "generate": "template_code", "template_code": "0" * HALF_AND_MORE},
    {"vtype": "EXPRESSION", "expr": {"base64": "A" * HALF_AND_MORE}},
    ["x" * HALF_AND_MORE],
    [["x"], ["y" * HALF_AND_MORE]],
]


@pytest.mark.parametrize("value", TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_every_form_of_a_value_counts(value: Any) -> None:
    with pytest.raises(RefusedError, match="in one call of build_pkts may be at most"):
        check_models([[layer("Raw", load=value)]] * 2)


@pytest.mark.parametrize("size", [1024 * 1024, "1048576"])
@pytest.mark.parametrize("member", ["size", "total_size"])
def test_what_is_asked_for_counts(member: str, size: int | str) -> None:
    model = [layer("Raw", load={"vtype": "BYTES", "generate": "random_bytes", member: size})]
    check_models([model] * 8)
    with pytest.raises(RefusedError, match="payloads given or generated in one call"):
        check_models([model] * 9)


@pytest.mark.parametrize(
    "model",
    [
        None,
        "x",
        7,
        [None],
        ["IP"],
        [{"fields": 7}],
        [{"fields": [7, None, {}]}],
        [{"fields": [{"value": {"base64": 7, "size": "x", "total_size": -1, "expr": 7}}]}],
        [{"fields": [{"value": {"size": True, "expr": {"base64": None}}}]}],
    ],
)
def test_models_of_a_wrong_shape_are_left_to_the_parser(model: Any) -> None:
    check_models([model])
