"""The example hierarchy that `get_tree` answers.

Source: RPC document, "Get protocol tree hierarchy example"; it suggests and forbids
nothing, so it is a constant.
"""

from __future__ import annotations

from typing import Any

PROTOCOL_TREE: dict[str, Any] = {
    "ALL": {
        "Ether": {
            "ARP": {},
            "IP": {
                "TCP": {"RAW": "payload"},
                "UDP": {"RAW": "payload"},
            },
        },
    },
}
