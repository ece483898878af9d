from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.plans.model_shape import shape_of


@pytest.mark.parametrize(
    "model",
    [
        None,
        {},
        [[]],
        [{"id": 5}],
        [{"id": "IP", "fields": ""}],
        [{"id": "IP", "fields": {}}],
        [{"id": "IP", "fields": [5]}],
        [{"id": "IP", "fields": [{"id": "ttl"}]}],
        [{"id": "IP", "fields": [{"id": ["ttl"], "value": 5}]}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": 5, "valeu": 6}]}],
        [{"id": "IP", "delete": True}],
        [{"id": "IP", "fields": [{"id": "ttl", "value": {"vtype": "RANDOM"}}]}],
    ],
)
def test_what_takes_the_long_way_has_no_shape(model: Any) -> None:
    assert shape_of(model) is None
