from __future__ import annotations

import pytest

from scapy_server.cli.options import with_log_file

DEFAULT = "scapy_server.log"


@pytest.mark.parametrize(
    ("given", "completed"),
    [
        ([], []),
        (["-v"], ["-v"]),
        (["-l"], ["-l", DEFAULT]),
        (["--log"], ["--log", DEFAULT]),
        (["-l", "file"], ["-l", "file"]),
        (["-l", "-v"], ["-l", DEFAULT, "-v"]),
        (["--log", "--port", "1"], ["--log", DEFAULT, "--port", "1"]),
        (["-vl"], ["-vl", DEFAULT]),
        (["-vl", "file"], ["-vl", "file"]),
        (["--log=file", "-v"], ["--log=file", "-v"]),
        (["-lfile", "-v"], ["-lfile", "-v"]),
        (["-s", "1", "-l"], ["-s", "1", "-l", DEFAULT]),
        (["--", "-l"], ["--", "-l"]),
    ],
)
def test_a_log_without_a_file(given: list[str], completed: list[str]) -> None:
    assert with_log_file(given) == completed
