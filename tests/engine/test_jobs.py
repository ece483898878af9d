"""Several processes render what one renders."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.captures.pace import Pace
from scapy_server.engine.captures import Layout, Pcap, Pcapng
from scapy_server.engine.jobs import Stream, Task, rendered
from scapy_server.errors import RefusedError
from tests.engine.programs import TEMPLATES
from tests.engine.test_captures import TRIMMED

pytestmark = pytest.mark.processes

COUNTING: dict[str, Any] = {
    "instructions": [
        {"type": "flow_var", "name": "p", "size": 2, "op": "inc", "step": 1}
        | {"init_value": 1, "min_value": 1, "max_value": 60000},
        {"type": "write_flow_var", "name": "p", "pkt_offset": 34, "add_value": 0}
        | {"is_big_endian": True},
    ]
}


def rendering(task: Task, jobs: int) -> tuple[bytes, int]:
    with rendered(task, jobs) as blocks:
        taken = [(bytes(records), packets) for records, packets in blocks]
    return b"".join(records for records, _ in taken), sum(packets for _, packets in taken)


@pytest.mark.parametrize("vm", [COUNTING, TRIMMED])
@pytest.mark.parametrize("layout", [Pcap(), Pcapng()], ids=repr)
def test_order_is_kept(vm: dict[str, Any], layout: Layout) -> None:
    task = Task(Stream(TEMPLATES["tcp"], vm), layout, Pace(), 12345, 70_001)
    one = rendering(task, 1)
    assert one[1] == 70_001
    assert rendering(task, 3) == one


def test_a_refusal_comes_back() -> None:
    task = Task(Stream(TEMPLATES["udp"], None), Pcap(), Pace.of_rate("1"), (1 << 32) - 10, 30_000)
    with pytest.raises(RefusedError, match="pcapng"):
        rendering(task, 2)


def test_leaving_early_ends_the_processes() -> None:
    task = Task(Stream(TEMPLATES["udp"], None), Pcap(), Pace(), 0, 1 << 40)
    with rendered(task, 2) as blocks:
        assert next(blocks)[1] > 0
