from __future__ import annotations

import pytest
from scapy.compat import raw
from scapy.contrib.lldp import LLDPDU, LLDPDUChassisID, LLDPDUEndOfLLDPDU, LLDPDUTimeToLive
from scapy.layers.dot11 import Dot11FCS
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP, IPOption_SSRR
from scapy.layers.l2 import Dot3, Ether
from scapy.packet import Packet, Padding, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.frames.assembly import Assembled, assemble, stack
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer

pytestmark = pytest.mark.usefixtures("registry")  # Scapy as the service loads it


def assembled(*layers: Packet) -> Assembled:
    stack(layers)
    return assemble(layers, [type(layer).__name__ for layer in layers])


def spans(built: Assembled) -> list[tuple[int, int]]:
    return list(zip(built.starts, built.ends, strict=True))


def test_layers_lie_behind_each_other() -> None:
    built = assembled(Ether(), IP(), TCP(), Raw(b"abc"))
    assert spans(built) == [(0, 14), (14, 34), (34, 54), (54, 57)]
    assert built.frame == raw(Ether() / IP() / TCP() / Raw(b"abc"))


@pytest.mark.parametrize("options", range(5))
@pytest.mark.parametrize("payload", [b"", b"\0", b"\0" * 8, b"abc"])
def test_the_padding_of_options_belongs_to_the_header(options: int, payload: bytes) -> None:
    built = assembled(
        Ether(), IP(options=[IPOption_NOP() for _ in range(options)]), UDP(), Raw(payload)
    )
    header = 20 + (options + 3) // 4 * 4
    assert spans(built)[1:3] == [(14, 14 + header), (14 + header, 22 + header)]
    assert built.frame.endswith(payload)


def test_options_of_an_odd_length() -> None:
    built = assembled(IP(options=[IPOption_SSRR(routers=["1.2.3.4"])]), TCP(options=[("NOP", 0)]))
    assert spans(built) == [(0, 28), (28, 52)]


def test_an_empty_layer_has_no_bytes() -> None:
    assert spans(assembled(Ether(), IP(), Raw(b""))) == [(0, 14), (14, 34), (34, 34)]


def test_a_trailer_lies_behind_the_payload() -> None:
    built = assembled(Dot11FCS(), Raw(b"abc"))
    assert spans(built)[1] == (len(built.frame) - 3 - 4, len(built.frame) - 4)
    assert built.frame[-7:-4] == b"abc"


def test_what_a_layer_appends_is_not_its_header() -> None:
    ether = Ether(type=0x88CC)
    layers = [
        ether,
        LLDPDU(),
        LLDPDUChassisID(subtype=4, id="00:00:00:02:00:00"),
        LLDPDUTimeToLive(),
        LLDPDUEndOfLLDPDU(),
    ]
    built = assembled(*layers)
    assert len(built.frame) == 60
    assert spans(built) == [(0, 14), (14, 14), (14, 23), (23, 27), (27, 29)]


def test_padding_stands_at_the_end_and_counts_for_no_length() -> None:
    built = assembled(Ether(), IP(), UDP(), Raw(b"x"), Padding(b"\0" * 5))
    assert spans(built)[3:] == [(42, 43), (43, 48)]
    assert built.frame == assembled(Ether(), IP(), UDP(), Raw(b"x")).frame + b"\0" * 5


def test_a_length_counts_what_is_above() -> None:
    built = assembled(Dot3(), Raw(b"abc"))
    assert built.frame[12:14] == b"\0\3"


def test_stacking_again_replaces_what_was_above() -> None:
    ether, ip, other = Ether(), IP(), UDP()
    stack([ether, ip])
    stack([ether, other])
    assert ether.payload is other
    assert other.underlayer is ether
    stack([ether, other])
    assert ether.payload is other


@pytest.mark.parametrize(
    ("layer", "where", "problem"),
    [
        (IP(ttl=300), ("layer 1 (IP)", "field ttl"), "300 cannot be built"),
        (TCP(options=[("MSS", 1, 2)]), ("layer 1 (TCP)", "field options"), "cannot be built"),
    ],
    ids=["range", "options"],
)
def test_the_field_that_cannot_be_built_is_named(
    layer: Packet, where: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        assembled(Ether(), layer)
    assert refusal.value.where == where
    assert problem in refusal.value.problem


@pytest.mark.parametrize(
    ("layer_id", "where", "problem"),
    [
        ("PCOMBinary", (), "build one of them: PCOMBinaryRequest, PCOMBinaryResponse"),
        (
            "ISIS_L1_LSP",
            ("field pdulength",),
            "it cannot be computed: ISIS_L1_LSP reads what is below it, and nothing is; "
            "give it a value",
        ),
        (
            "DceRpc5Context",
            ("field cont_id",),
            "it cannot be computed: DceRpc5Context reads endian of the layer that holds it, "
            "and none does; give it a value",
        ),
    ],
)
def test_a_layer_that_needs_another_says_so(
    layer_id: str, where: tuple[str, ...], problem: str, registry: Registry
) -> None:
    with pytest.raises(RefusedError) as refusal:
        assembled(new_layer(registry.layer(layer_id).built_class, None))
    assert refusal.value.where[1:] == where
    assert problem in refusal.value.problem


@pytest.mark.parametrize(
    ("layer_id", "problem"),
    [
        ("OFPMBT", "OFPMBT is only what other layers have in common, and lacks their len"),
        ("MQTTPublish", "MQTTPublish reads QOS of the layer below it, which Ether does not have"),
        ("TLS_Ext_KeyShare_SH", "reads privkey of something that is not there"),
        ("Bind", "it has no default that can be built; give it a value"),
    ],
)
def test_a_layer_on_another_than_it_needs_says_so(
    layer_id: str, problem: str, registry: Registry
) -> None:
    below = Ether()
    layer = new_layer(registry.layer(layer_id).built_class, below)
    below.add_payload(layer)
    with pytest.raises(RefusedError) as refusal:
        assembled(below, layer)
    assert problem in refusal.value.problem


def test_a_packet_that_grows_beyond_the_bound_is_refused() -> None:
    half = b"x" * (limits.FRAME_BYTES // 2)
    assert len(assembled(Raw(half), Raw(half)).frame) == limits.FRAME_BYTES
    with pytest.raises(RefusedError, match="a packet may be at most 2097152 bytes") as refusal:
        assembled(Raw(b"y"), Raw(half), Raw(half))
    assert refusal.value.where == ("layer 0 (Raw)",)


def test_what_a_layer_forgets_of_its_payload_is_there(registry: Registry) -> None:
    for padding in (b"padding", bytes(6)):
        built = assembled(IP(proto=112), registry.layer("VRRP").cls(addrlist=[]), Raw(padding))
        assert built.starts == (0, 20, 36)
        assert built.frame[36:] == padding


def test_a_length_that_its_field_cannot_hold_is_told() -> None:
    with pytest.raises(RefusedError, match="a length or count that is computed goes beyond"):
        assembled(Ether(), IP(), Raw(bytes(70_000)))
    assert len(assembled(IP(len=0), Raw(bytes(70_000))).frame) == 70_020
