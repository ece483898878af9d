from __future__ import annotations

import importlib.util

import pytest

from scapy_server.packet.loading import module_list
from scapy_server.packet.loading.module_list import LoadedModule

MODULE = LoadedModule("scapy.contrib.x", since=(2, 6), until=(2, 8))


@pytest.mark.parametrize(
    ("version", "there"),
    [((2, 5, 9), False), ((2, 6), True), ((2, 7, 1), True), ((2, 8), False), ((2, 8, 1), False)],
)
def test_when_scapy_has_a_module(version: tuple[int, ...], there: bool) -> None:
    assert MODULE.exists_in(version) is there


def test_a_module_of_all_versions() -> None:
    assert LoadedModule("scapy.layers.inet").exists_in((2, 6))


def test_no_module_is_listed_twice() -> None:
    lists = [value for value in vars(module_list).values() if isinstance(value, tuple)]
    names = [item.name for value in lists for item in value if isinstance(item, LoadedModule)]
    assert len(names) > 100
    assert len(set(names)) == len(names)


def test_modules_of_every_version_exist_here() -> None:
    lists = [value for value in vars(module_list).values() if isinstance(value, tuple)]
    always = [
        item.name
        for value in lists
        for item in value
        if isinstance(item, LoadedModule) and item.since is None and item.until is None
    ]
    assert [name for name in always if importlib.util.find_spec(name) is None] == []
