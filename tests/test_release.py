from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from scapy_server import release


def test_the_version_is_that_of_the_distribution() -> None:
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    found = re.search(r'^version = "(.*)"$', text, re.MULTILINE)
    assert found is not None
    assert found.group(1) == release.VERSION


def test_the_build_is_dated_as_documented() -> None:
    # The first version's document: "Sep 16 2015", "12:33:01".
    built = datetime.strptime(f"{release.BUILD_DATE} {release.BUILD_TIME}", "%b %d %Y %H:%M:%S")
    assert built.strftime("%b %d %Y") == release.BUILD_DATE
