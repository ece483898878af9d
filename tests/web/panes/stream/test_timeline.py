from __future__ import annotations

import numpy as np

from scapy_server.desk.timing import Timing
from scapy_server.streams.timeline import Timeline
from scapy_server.web.panes.stream.timeline import options_of


def test_streams_are_stacked_below_the_part_of_the_line() -> None:
    packets = np.array([[1, 0], [2, 3]])
    bits = np.array([[1e9, 0.0], [2e9, 3e9]])
    timing = Timing(Timeline(["a", "b"], 0.5, packets, bits), 8.0, 1e10, 1.0, 1e10)
    options = options_of(timing)
    assert options["xAxis"]["data"] == ["0", "0.5"]
    bars = {each["name"]: each["data"] for each in options["series"] if each["type"] == "bar"}
    assert bars == {"a": [1, 2], "b": [0, 3]}
    assert options["series"][-1]["data"] == [20.0, 100.0]
