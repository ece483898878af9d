"""The unit tests of the original server, run against this one.

They are read from the installed client package of the traffic engine, and run in a process
of their own with a module that stands in for the service that they import.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ADAPTER = Path(__file__).parent / "original"
TESTS = "interactive/trex/scapy_server/unit_tests"

#: What this server does otherwise, and why.
OTHERWISE = {
    "test_generate_bytes_from_template_neg": "a negative size is refused, with its place",
    "test_generate_random_bytes": "no method draws bytes out of a range of the caller's",
}


@pytest.fixture(scope="module")
def directory() -> Path:
    """Where the package keeps them."""
    found = importlib.util.find_spec("lbr_trex_client")
    if found is None or not found.submodule_search_locations:
        if os.environ.get("SCAPY_SERVER_REQUIRE_ORACLE"):
            pytest.fail("lbr_trex_client is not installed")
        pytest.skip("lbr_trex_client is not installed")
    return Path(found.submodule_search_locations[0]) / TESTS


@pytest.mark.processes
def test_the_originals_own_unit_tests(directory: Path, server_port: int, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    pytest_main = Path(pytest.__file__).with_name("__main__.py")
    files = [str(directory / name) for name in ("test_scapy_service.py", "test_utils.py")]
    options = ["-q", "-c", os.devnull, "-p", "no:cacheprovider", f"--junit-xml={report}"]
    ran = subprocess.run(
        # By its file: the tests look for the line of code that began the process.
        [sys.executable, "-W", "ignore", pytest_main, *options, *files],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ADAPTER), str(directory)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SCAPY_SERVER": f"127.0.0.1:{server_port}",
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert len(cases) == 50, ran.stdout  # one of the 51 has the name of another
    assert failed == OTHERWISE.keys(), ran.stdout[-4000:]
