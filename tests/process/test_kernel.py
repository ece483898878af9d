"""The kernel does what it is asked, in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys

from scapy_server.process import kernel
from tests.running import environment
from tests.server.processes import alive, until


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", f"from scapy_server.process import kernel\n{program}"],
        capture_output=True,
        check=True,
        text=True,
        env=environment(),
    ).stdout


def test_memory_is_bounded() -> None:
    program = """
kernel.limit_memory(300 * 2**20)
taken = []
try:
    while True:
        taken.append(bytearray(2**20))
except MemoryError:
    count = len(taken)
    del taken
    print(count)
"""
    assert 200 < int(run(program)) < 300


def test_large_blocks_are_mapped_whatever_was_freed_before() -> None:
    program = """
import ctypes
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "arena ordblks smblks mapped".split()]
    _fields_ += [(f"other{number}", ctypes.c_int) for number in range(6)]
library = ctypes.CDLL(None)
library.mallinfo.restype = Info
def mapped_of_many():
    before = library.mallinfo().mapped
    blocks = [bytearray(32 * 2**10) for _ in range(200)]
    return library.mallinfo().mapped - before
kernel.map_large_blocks()
del [bytearray(30 * 2**20)][:]
print(mapped_of_many())
"""
    assert int(run(program)) > 100  # some have the room of others that are gone


def test_the_state_of_a_process() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        state = kernel.process_state(process.pid)
        assert state is not None
        assert (state.stopped, state.processor_seconds < 1) == (False, True)
        process.send_signal(signal.SIGSTOP)
        until(lambda: (now := kernel.process_state(process.pid)) and now.stopped)
        process.kill()
    assert kernel.process_state(process.pid) is None


def test_memory_in_use() -> None:
    assert kernel.resident_bytes() > 10 * 2**20


def test_names_are_shown() -> None:
    name = run("kernel.set_name('a-name-that-is-too-long'); print(open('/proc/self/comm').read())")
    assert name.strip() == "a-name-that-is-"


def test_a_process_ends_with_its_parent() -> None:
    program = """
import os, time
child = os.fork()
if child == 0:
    kernel.die_with_parent(os.getppid())
    while True:
        pass
print(child, flush=True)
time.sleep(0.2)
os.kill(os.getpid(), 9)
"""
    with subprocess.Popen(
        [sys.executable, "-c", f"from scapy_server.process import kernel\n{program}"],
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
    until(lambda: not alive(child))
