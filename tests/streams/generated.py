"""Stream sets made up by Hypothesis, as cases of the recordings' form."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.streams.support import counted, raw_stream

RATES = st.sampled_from([0.5, 1, 10, 20, 40, 99.9, 100, 123.4, 1000, 1000.0, 3000, 50000])
GAPS = st.sampled_from([0.0, 0.0, 10.0, 12.34, 100.0, 1000.0, 2500.0, 50000.0])
PACKETS = st.integers(1, 9) | st.sampled_from([20, 1500])


@st.composite
def _mode(draw: st.DrawFn, endless: bool) -> dict[str, Any]:
    rate: dict[str, Any] = {
        "type": draw(st.sampled_from(["pps", "pps", "bps_L1", "bps_L2", "percentage"]))
    }
    value = draw(RATES)
    rate["value"] = value / 1000 if rate["type"] == "percentage" else value
    if rate["type"].startswith("bps"):
        rate["value"] = value * 500
    if endless and draw(st.booleans()):
        return {"type": "continuous", "rate": rate}
    if draw(st.booleans()):
        return {"type": "single_burst", "total_pkts": draw(PACKETS), "rate": rate}
    count = draw(st.integers(0 if endless else 1, 4))
    mode = {"type": "multi_burst", "pkts_per_burst": draw(PACKETS), "count": count}
    return mode | {"ibg": draw(GAPS), "rate": rate}


@st.composite
def _streams(draw: st.DrawFn, cores: int, pg_ids: int) -> list[dict[str, Any]]:
    """Streams by numbers that collide in the table; chains lead anywhere among the bursts."""
    ids = draw(st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=7))
    measured = {key for key in ids if draw(st.integers(0, 9)) == 0}
    pinned = {key: draw(st.integers(0, cores - 1)) for key in ids if draw(st.integers(0, 9)) == 0}
    made = []
    for key in ids:
        mates = [k for k in ids if (k in measured) == (key in measured)]
        mates = [k for k in mates if pinned.get(k, -1) == pinned.get(key, -1)]
        chained = draw(st.booleans())
        made.append(
            {
                "stream_id": key,
                "stream": raw_stream(
                    mode=draw(_mode(endless=not chained)),
                    isg=draw(GAPS),
                    flags=draw(st.sampled_from([0, 3, 3, 3, 11])),
                    start_paused=draw(st.integers(0, 12)) == 0,
                    next_stream_id=draw(st.sampled_from(mates)) if chained else -1,
                    action_count=draw(st.integers(0, 3)),
                    core_id=-1 if key in measured else pinned.get(key, -1),
                    flow_stats=counted(pg_ids + key, "latency")
                    if key in measured
                    else {"enabled": False},
                ),
            }
        )
    return made


@st.composite
def cases(draw: st.DrawFn, most: int = 400) -> dict[str, Any]:
    """One to three profiles on two ports, on 1 to 4 cores, cut off after some events."""
    cores = draw(st.integers(1, 4))
    names = [(0, "_"), (1, "_"), (0, "b")][: draw(st.integers(1, 3))]
    groups = []
    for place, (port, profile) in enumerate(names):
        mask = draw(st.integers(1, (1 << cores) - 1)) if draw(st.booleans()) else (1 << cores) - 1
        streams = draw(_streams(mask.bit_count(), 100 * place))
        duration = draw(st.sampled_from([-1, -1, 0.05, 0.1, 0.5]))
        start = {"mul": draw(_multipliers()), "duration": duration, "force": True}
        start["core_mask"] = mask
        groups.append({"port_id": port, "profile_id": profile, "start": start, "streams": streams})
    limit = draw(st.integers(1, most))
    return {"cores": cores, "limit": limit, "groups": groups}


def _multipliers() -> st.SearchStrategy[dict[str, Any]]:
    raw = st.sampled_from([1, 1, 1.5, 2, 1.7]).map(lambda value: ("raw", value))
    pps = st.sampled_from([1000, 12345.6]).map(lambda value: ("pps", value))
    return (raw | pps).map(lambda pair: {"type": pair[0], "op": "abs", "value": pair[1]})
