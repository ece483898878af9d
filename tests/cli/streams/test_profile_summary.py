"""What a profile would send, in numbers."""

from __future__ import annotations

from pathlib import Path

from tests.cli.profiles import profile
from tests.cli.rendering import command
from tests.streams.support import burst, raw_stream


def test_dry_run(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(mode=burst(5)), raw_stream(mode=burst(6, 1000)))
    result = command("render", source, "--dry-run")
    assert result.output.splitlines() == [
        "packets:  11",
        "bytes:    926 in the capture",
        "duration: 0.04 seconds",
        "streams:  2 of 2 send",
        "mean:     275 packets, 154000 bits a second",
        "peak:     port 0: 2 packets, 224 bits of layer 2 and 544 of layer 1 a second, "
        "0.00% of the line",
    ]
    endless = profile(tmp_path, raw_stream(), raw_stream())
    assert "packets:  7\n" in command("render", endless, "-n", "7", "--dry-run").output
