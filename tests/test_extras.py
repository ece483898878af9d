from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scapy_server.cli.app import app
from scapy_server.errors import RefusedError
from scapy_server.extras import EXTRAS, needed
from scapy_server.server.service import Settings, StartError, serve

PROJECT = (Path(__file__).parents[1] / "pyproject.toml").read_text()


def test_every_extra_is_one_of_the_distribution() -> None:
    section = PROJECT.partition("[project.optional-dependencies]\n")[2].partition("\n\n")[0]
    declared = dict(re.findall(r'^([\w-]+) = \["([\w-]+)', section, re.MULTILINE))
    assert {name: package.replace("-", "_") for name, package in declared.items()} == EXTRAS


def without(monkeypatch: pytest.MonkeyPatch, module: str, *loaded: str) -> None:
    """As if a module were not installed, nor those loaded that import it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    for name in loaded:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Missing(module), *sys.meta_path])


class _Missing:
    def __init__(self, module: str) -> None:
        self.module = module

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == self.module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(("extra", "module"), EXTRAS.items())
def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, extra: str, module: str) -> None:
    without(monkeypatch, module)
    wanted = f"this needs {module}; install it with: pip install 'scapy-server[{extra}]'"
    with pytest.raises(RefusedError) as refusal, needed(extra, "this"):
        __import__(f"{module}.something")
    assert refusal.value.problem == wanted


def test_anything_else_that_is_missing_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError), needed("console", "this"):
        raise ModuleNotFoundError("No module named 'scapy_server.consol'", name="scapy_server")


def test_the_console_without_its_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    without(
        monkeypatch,
        "prompt_toolkit",
        *(name for name in sys.modules if name.startswith("scapy_server.console")),
    )
    result = CliRunner().invoke(app, ["console"])
    assert result.exit_code == 1
    assert "pip install 'scapy-server[console]'" in result.stderr


def test_a_server_with_metrics_without_the_extra_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "prometheus_client", "scapy_server.server.metrics")
    settings = Settings(host="127.0.0.1", port=0, workers=1, metrics=0)
    with pytest.raises(StartError, match=r"pip install 'scapy-server\[metrics\]'"):
        serve(settings, load="tests.server.small:load")
