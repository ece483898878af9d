"""What lets an old library be imported; test_python_profile.py has it load profiles."""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import sys
import types
import warnings
from typing import Any

import pytest

from scapy_server.streams.documents import python_process
from scapy_server.streams.documents.python_process import LegacyFinders


class OldFinder:
    """Finds one module as finders did before Python 3.4; `six` has such a one."""

    def find_module(self, name: str, path: Any = None) -> OldFinder | None:
        return self if name == "legacy_module" else None

    def load_module(self, name: str) -> types.ModuleType:
        module = types.ModuleType(name)
        module.__dict__["answer"] = 42
        return module


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that has been prepared, for one test."""
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, OldFinder()])
    for name in (*python_process.REMOVED_MODULES, "legacy_module"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, package=None: None if name == "imp" else True
    )
    with warnings.catch_warnings():
        python_process.prepare()


@pytest.mark.usefixtures("prepared")
def test_modules_that_left_python_are_there_again() -> None:
    assert sys.modules["imp"].__dict__["reload"] is importlib.reload
    assert "cgi" not in sys.modules  # this Python has it


@pytest.mark.usefixtures("prepared")
def test_what_only_an_old_finder_finds_is_imported() -> None:
    (finder,) = (each for each in sys.meta_path if isinstance(each, LegacyFinders))
    spec = finder.find_spec("legacy_module", None)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.__dict__["answer"] == 42
    assert finder.find_spec("neither_here_nor_there", None) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a line\n\n  the last line \n"), "the last line"),
        (KeyError(), "KeyError"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: str,
) -> None:
    def load(request: dict[str, Any]) -> dict[str, Any]:
        assert request == {"file": "profile.py"}
        raise error

    monkeypatch.setattr(python_process, "prepare", lambda: None)
    monkeypatch.setattr(python_process, "load", load)
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"file": "profile.py"}'))
    python_process.main()
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"refused": said}
