"""Rates."""

from __future__ import annotations

import numpy as np
import pytest

from scapy_server.services.ports.statistics.meter import FlowMeters, Meter


def test_a_step_is_approached_by_halves() -> None:
    meter = Meter()
    assert meter.update(0, 0.0) == 0
    rates = [meter.update(1000 * tick / 2, tick / 2) for tick in range(1, 9)]
    assert rates == [0, 500, 500, 750, 750, 875, 875, 937.5]


def test_after_the_end_it_falls_by_halves() -> None:
    meter = Meter(800.0)
    assert [meter.update(0, float(now)) for now in range(5)] == [800, 400, 200, 100, 50]


def test_a_flow_begins_with_what_is_measured_first() -> None:
    meters, counted = FlowMeters((1, 2)), np.zeros((1, 2), np.int64)
    meters.update(counted, 0.0)
    counted[0] = 50, 0
    assert meters.update(counted, 0.5)[0] == pytest.approx([100, 0])
    counted[0] = 150, 0
    assert meters.update(counted, 1.0)[0] == pytest.approx([150, 0])
