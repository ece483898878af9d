"""An edit changes what was asked for and nothing else, over frames of every layer.

The checks are in `properties`, the frames in `corpus`. `EXCEPTIONS` can only become shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from tests.packet.corpus import alone, captured, stacked, unusual
from tests.packet.properties import Frame, RootedCodec, faults

_EMPTY = "an empty string is read as a layer that builds more than nothing"
_ABSENT = "what is absent is built with its default"
_FILLED = "Scapy fills up what is empty when the layer is built"
_CUT = "of a header that was cut no field says that it is not there"

#: Layers of which not every frame is built again by what is shown of it, and why. All of them
#: keep their bytes when they are edited, and are built again by the expression that is handed
#: out.
EXCEPTIONS: Mapping[str, str] = {
    "SPNEGO_MechListMIC": _EMPTY,
    "SPNEGO_Token": _EMPTY,
    "LDPLabelMM": _ABSENT,
    "LDPLabelWM": _ABSENT,
    "FileRenameInformation": _FILLED,
    "SMB2_Create_Request": _FILLED,
    "SMB2_Read_Request": _FILLED,
    "LoWPAN_NHC_IPv6Ext": "the length decides how much padding is built",
    "HICPModuleScan": _ABSENT,
    "TLS13ClientHello": "an absent list of ciphers is not an empty one",
    "EtherCat": "its post_build counts the padding of the frame into a length that is given",
    "TCPerror": _CUT,
    "BOOTP": _CUT,
    "LDAP": "a length may be written in more bytes than it needs, which no field says",
    "PPP": "the number of the protocol may be compressed, which no field says",
}
#: Layers that do not keep all bytes when they are edited, and why.
NOT_KEPT: Mapping[str, str] = {
    "TLS13": "the type stands behind a message of any length, of which Scapy remembers one",
    "LoWPAN_IPHC": "what it makes of zeros is again zeros, and taken for bytes of the frame",
}

_SLICES = 6
Corpus = Callable[[Registry], Iterator[Frame]]
CORPORA: tuple[Corpus, ...] = (alone, stacked, captured, unusual)
_MODEL = "model"


def layers_of(frame: Frame, registry: Registry) -> set[str]:
    """The ids of what a frame is made of and dissected to."""
    made_of = frame.name.split()[0]
    try:
        chain = trace_chain(frame.root, frame.data)
    except RefusedError:
        return {made_of}
    return {made_of, *(registry.nearest_id(type(traced.packet)) for traced in chain)}


@pytest.mark.sweep
@pytest.mark.parametrize("corpus", CORPORA)
@pytest.mark.parametrize("number", range(_SLICES))
def test_every_layer_keeps_what_is_not_changed(
    corpus: Corpus, number: int, registry: Registry
) -> None:
    codec = RootedCodec(registry)
    found = [
        (frame.name, *fault)
        for frame in islice(corpus(registry), number, None, _SLICES)
        for fault in faults(codec, frame)
        if not _excused(fault[0], layers_of(frame, registry))
    ]
    assert found == []


def _excused(kind: str, layers: set[str]) -> bool:
    return bool((kind == _MODEL and EXCEPTIONS.keys() & layers) or NOT_KEPT.keys() & layers)


@pytest.mark.sweep
def test_the_exceptions_are_few_and_still_exceptions(registry: Registry) -> None:
    assert len(EXCEPTIONS) + len(NOT_KEPT) <= 17
    codec = RootedCodec(registry)
    left = {*EXCEPTIONS, *NOT_KEPT}
    for corpus in CORPORA:
        for frame in corpus(registry):
            known = left & layers_of(frame, registry)
            if known and any(faults(codec, frame)):
                left -= known
    assert left == set(), "no longer exceptions"
