from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import modules
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.batch.packets import pcapng
from tests.running import patient, server_in_thread

# No test may fail because its machine was busy. The loop of a person tries few examples; those
# of `--hypothesis-profile thorough` are drawn by `make sweep`.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("quick")


_LOADED = pytest.StashKey[Registry]()


def pytest_collection(session: pytest.Session) -> None:
    """Load what a server loads before any test file imports a layer of its own: which one Scapy
    takes for a payload goes by the order of imports. Looking for garbage in modules meanwhile
    finds none."""
    gc.disable()
    session.config.stash[_LOADED] = modules.load()


def pytest_collection_finish() -> None:
    """Modules and collected tests stay to the end: they are kept out of the collector's sight,
    which would else look through all of them whenever a test makes many objects."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def registry(pytestconfig: pytest.Config) -> Registry:
    """Everything loaded, and kept out of the collector's sight as in the workers: the
    processor time that a request may take is not spent on looking through it."""
    gc.collect()
    gc.freeze()
    return pytestconfig.stash[_LOADED]


@pytest.fixture(scope="session")
def core(registry: Registry) -> Core:
    return Core.over(registry)


@pytest.fixture
def trace(core: Core, tmp_path: Path) -> Path:
    """A capture of twelve packets, with all that pcapng knows of them."""
    path = tmp_path / "trace.pcapng"
    path.write_bytes(pcapng(core))
    return path


@pytest.fixture(scope="session")
def dispatcher(core: Core) -> Dispatcher:
    return dispatcher_of(core, patient)


@pytest.fixture(scope="session")
def server_port() -> Iterator[int]:
    """The port on 127.0.0.1 of a server with all methods, for the whole test run."""
    with server_in_thread() as (port, _):
        yield port
