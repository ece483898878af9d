"""Compiles programs with the traffic engine's own client library, one JSON line each.

Runs in a process of its own, since the library brings an old Scapy along. A line is
`{"frame": hex, "instructions": [[class, parameters], …], "cache": n}`; the answer is
`{"vm": …}`, or `{"refused": sentence}`.
"""

from __future__ import annotations

import importlib
import json
import sys

from scapy_server.streams.documents.python_process import prepare


def main() -> None:
    prepare()
    importlib.import_module("lbr_trex_client")  # it puts its parts on the path
    library = importlib.import_module("trex.stl.trex_stl_packet_builder_scapy")
    ethernet = importlib.import_module("scapy.layers.l2").Ether
    for line in sys.stdin:
        request = json.loads(line)
        try:
            commands = [
                getattr(library, name)(**parameters) for name, parameters in request["instructions"]
            ]
            program = library.STLScVmRaw(commands, cache_size=request["cache"])
            packet = ethernet(bytes.fromhex(request["frame"]))
            builder = library.STLPktBuilder(pkt=packet, vm=program)
            builder.compile()
            answer = {"vm": builder.get_vm_data()}
        except Exception as error:
            answer = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
