"""A fuzz of all methods: `python bench/hostile.py [REQUESTS] [SEED] [DIRECTORY]`.

Answers requests that were made by chance as a worker does, in processes that are forked for some
thousand of them each. A finding is an answer that says "unknown error", one that is no reply,
a process that ends or does not answer, and one that takes much more than its time. Prints each
kind of finding once, and writes the requests into the directory.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costly import Materials
from made import Maker, Vocabulary
from scapy_server.errors import ErrorCode
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.loading import load_dispatcher

OF_A_PROCESS = 2000
PATIENCE = 15  # seconds, after which a process does not answer
MEMORY = 1 << 30  # bytes, as a worker has
SLOW = 2.0  # seconds of processor time
_FRAMES = 400


def vocabulary(dispatcher: Dispatcher, chance: random.Random) -> Vocabulary:
    """What requests are made of: everything that definitions name, and frames of many layers."""

    def ask(method: str, params: list[Any]) -> Any:
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return json.loads(dispatcher.handle(json.dumps(call).encode()).data).get("result")

    protocols = ask("get_definitions", [])["protocols"]
    fields = {each["id"]: [field["id"] for field in each["fields"]] for each in protocols}

    def frame_of(model: list[Any]) -> bytes:
        result = ask("build_pkt", [model])
        return base64.b64decode(result["binary"]) if result else b""

    below = ([], ["Ether"], ["Ether", "IP"], ["Ether", "IP", "UDP"], ["Ether", "IPv6", "TCP"])
    frames = []
    while len(frames) < _FRAMES:
        names = [*chance.choice(below), chance.choice(list(fields))]
        frames.append(frame_of([{"id": name} for name in names]) or b"\0")
    return Vocabulary(fields, frames, Materials(list(fields), frame_of))


class Slice:
    """Some requests, answered in a process of their own that writes what it finds."""

    def __init__(self, dispatcher: Dispatcher, maker: Maker, directory: Path) -> None:
        self._dispatcher = dispatcher
        self._maker = maker
        self._directory = directory

    def run(self, count: int) -> None:
        """Answer them; what ends this process is seen by the other."""
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        now = self._directory / "now"
        for _ in range(count):
            request = self._maker.request()
            now.write_bytes(request)
            signal.alarm(PATIENCE)
            begin = time.process_time()
            reply = self._dispatcher.handle(request)
            cost = time.process_time() - begin
            signal.alarm(0)
            if reply.error is ErrorCode.UNKNOWN_ERROR:
                self._keep("bug " + _last_line(reply.bug), request, reply.bug)
            elif reply.data.count(b'"code":-32096'):
                self._keep("bug of an item " + _last_line(reply.bug), request, reply.bug)
            elif cost > SLOW:
                self._keep(f"slow {reply.method}", request, f"{cost} s")
            elif not _is_reply(reply.data):
                self._keep("no reply", request, str(reply.data[:500]))
        now.unlink()

    def _keep(self, kind: str, request: bytes, more: str | None) -> None:
        with (self._directory / "findings.jsonl").open("a") as file:
            text = base64.b64encode(request).decode()
            file.write(json.dumps({"kind": kind, "more": more, "request": text}) + "\n")


def _last_line(bug: str | None) -> str:
    lines = (bug or "").strip().splitlines()
    places = [line.strip() for line in lines if line.strip().startswith("File ")]
    return f"{lines[-1][:100] if lines else ''} {places[-1][-90:] if places else ''}"


def _is_reply(data: bytes) -> bool:
    try:
        content = json.loads(data)
    except ValueError:
        return False
    return content["jsonrpc"] == "2.0" and ("result" in content) != ("error" in content)


def fuzz(count: int, seed: int, directory: Path) -> Sequence[str]:
    """All of it; how processes have ended that should not have."""
    dispatcher = load_dispatcher((), (), ())
    words = vocabulary(dispatcher, random.Random(seed))
    gc.collect()
    gc.freeze()  # as a zygote does before it forks workers
    ends = []
    for start in range(0, count, OF_A_PROCESS):
        child = os.fork()
        if not child:
            maker = Maker(words, random.Random(f"{seed} {start}"))
            Slice(dispatcher, maker, directory).run(min(OF_A_PROCESS, count - start))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            (directory / "now").rename(directory / f"end-{seed}-{start}.json")
            ends.append(f"slice {start}: the process ended with {status}")
        print(f"{start + OF_A_PROCESS} requests", file=sys.stderr, flush=True)
    return ends


def main() -> int:
    """Fuzz, and tell what was found; the exit status."""
    given = dict(enumerate(sys.argv))
    count, seed = int(given.get(1, "300000")), int(given.get(2, "1"))
    directory = Path(given.get(3, "hostile-findings"))
    directory.mkdir(exist_ok=True)
    begin = time.monotonic()
    ends = fuzz(count, seed, directory)
    found = directory / "findings.jsonl"
    lines = found.read_text().splitlines() if found.exists() else []
    kinds = Counter(json.loads(line)["kind"] for line in lines)
    for kind, times in kinds.most_common():
        print(f"{times:6} {kind}")
    print(*ends, sep="\n")
    print(f"{count} requests in {time.monotonic() - begin:.0f} s, {sum(kinds.values())} findings")
    return bool(lines or ends)


if __name__ == "__main__":
    sys.exit(main())
