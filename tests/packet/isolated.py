"""Runs `isolation_probe` in fresh processes, once for all tests."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROBE = Path(__file__).with_name("isolation_probe.py")

#: Two hosts that share nothing: environment, clock, order of use.
HOSTS = (
    ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, ("0", "forward")),
    ({"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "HOME": "/"}, ("98765432", "backward")),
)


def environment(**changes: str) -> dict[str, str]:
    """Of a fresh interpreter that finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **changes}


@functools.cache
def reports() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the probe says on each of the two hosts; both must run without a word."""
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(PROBE), *arguments],
            env=environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for changes, arguments in HOSTS
    ]
    outputs = [process.communicate(timeout=900) for process in running]
    for process, (_, said) in zip(running, outputs, strict=True):
        assert (process.returncode, said) == (0, "")
    first, second = (json.loads(text) for text, _ in outputs)
    return first, second
