"""The metrics as Prometheus scrapes them."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scapy_server.server.service import Settings, StartError, serve
from tests.server import small
from tests.server.processes import small_server
from tests.test_haproxy import free_port


def scrape(port: int) -> dict[str, dict[str, float]]:
    """Sample names to labels to values."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        text = response.read().decode()
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def test_what_is_told() -> None:
    port = free_port()
    with small_server(metrics=port, workers=2) as server:
        for _ in range(3):
            server.client.ping()
        metrics = scrape(port)
        assert metrics["scapy_server_replies_total"]["code=0,method=ping"] == 3
        assert metrics["scapy_server_workers"] == {"state=idle": 2}
        assert metrics["scapy_server_latency_seconds_count"]["method=ping"] == 3
        assert metrics["scapy_server_latency_seconds_bucket"]["le=+Inf,method=ping"] == 3
        assert len(metrics["scapy_server_worker_memory_bytes"]) == 2
        assert metrics["scapy_server_queued_requests"] == {"": 0}


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot serve metrics on 127.0.0.1, port {port}"):
            serve(Settings(port=0, host="127.0.0.1", workers=1, metrics=port), small.LOAD)
