"""What the program of a stream that is ready does, in words."""

from __future__ import annotations

import msgspec

from scapy_server.errors import RefusedError
from scapy_server.programs import requests
from scapy_server.programs.decompile import decompile
from scapy_server.programs.explain import explain
from scapy_server.schema.programs import Explanation
from scapy_server.streams.sources.prepared import program_context
from scapy_server.streams.sources.ready import ReadyStream, loaded_codec


def explanation(ready: ReadyStream) -> Explanation:
    """The explanation with its warnings; a compiled program is read back for that.

    Raises ScapyServerError, also for a VM that is no program: what it says is what `warnings`
    of `decompile` say.
    """
    prepared, packet = ready.prepared, ready.packet()
    if prepared is not None and prepared.compiled is not None:
        told = explain(prepared.compiled, packet)
        return msgspec.structs.replace(told, warnings=list(prepared.warnings))
    program = decompile(ready.stream.vm or {}, packet, names=True)
    request = requests.parse_request({"field_engine": msgspec.to_builtins(program)})
    outcome = requests.run(request, packet, program_context(loaded_codec().registry, packet))
    if outcome.error is not None:
        raise RefusedError(outcome.error)
    told = requests.explained(outcome, packet)
    return msgspec.structs.replace(told, warnings=[*program.warnings, *told.warnings])
