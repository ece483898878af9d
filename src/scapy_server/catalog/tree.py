"""The example hierarchy that `get_tree` answers: it forbids nothing, so it is a constant.

Source: RPC document, "Get protocol tree hierarchy example".
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
