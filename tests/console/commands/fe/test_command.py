from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fe dance", "fe cannot 'dance'; write list, add"),
        ("fe exlain", "did you mean explain"),
        ("fe list all", "fe list stands alone, without 'all'"),
    ],
)
def test_actions_that_are_none(pipe: Pipe, line: str, said: str) -> None:
    pipe.run("build Ether()/IP()")
    assert said in pipe.fail(line)


def test_alone_it_lists(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()")
    assert pipe.run("fe") == pipe.run("fe list") == "no instructions\n"
