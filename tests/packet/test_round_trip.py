"""What is handed out is accepted back and gives the same bytes, over every registered layer.

The exceptions are listed with their reasons, and each must still be one: a list here can
only become shorter.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.assembly import assemble
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.models.model import LayerSpec, parse_model
from scapy_server.packet.tree.display import BINARY
from scapy_server.schema.results import FieldResult, LayerResult

pytestmark = pytest.mark.sweep

_BASE = "a base class that Scapy builds only as one of its subclasses"
_BELOW = "its fields are computed from the layer below, which is not there"
_NO_DEFAULT = "Scapy has no default for a field that must have a value"
_SESSION = "it needs the keys of a TLS session"
_BROKEN_LENGTH = "Scapy declares its length without saying of what"


def _all(layers: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(layers.split(), reason)


#: Layers that cannot be built alone and without values.
NOT_BUILT_ALONE: Mapping[str, str] = {
    **_all(
        """PCO_Option PCO_Protocol OpenFlow OpenFlow3 openflow3.OFPAT OFPATID OFPHET OFPIT
        OFPITID OFPMBT openflow3.OFPQT OFPTFPT EtherCatType12DLPDU""",
        _BASE,
    ),
    **_all(
        """Dot15d4Beacon Dot15d4Cmd Dot15d4Data DceRpc5AbstractSyntax DceRpc5Context
        DceRpc5PortAny DceRpc5Result DceRpc5TransferSyntax EIR_AdvertisingInterval EtherCat
        ISIS_L1_CSNP ISIS_L1_LAN_Hello ISIS_L1_LSP ISIS_L1_PSNP ISIS_L2_CSNP ISIS_L2_LAN_Hello
        ISIS_L2_LSP ISIS_L2_PSNP ISIS_P2P_Hello PCO_PPP_Challenge""",
        _BELOW,
    ),
    **_all(
        """CMC_AddAttributes KERB_SUPERSEDED_BY_USER LDAP_ModifyDNRequest
        NetflowOptionsFlowset10 NetflowOptionsFlowsetV9 X509_Attribute X509_AttributeValue
        X509_ExtSubjectDirectoryAttributes AVP_Unknown""",
        _NO_DEFAULT,
    ),
    **_all(
        """ClientDiffieHellmanPublic EncryptedPreMasterSecret
        TLS_Ext_KeyShare_SH""",
        _SESSION,
    ),
    **_all(
        """AVP_VL_NV AVP_VL_V BackendKeyData Bind CDPAddrRecord DCPManufacturerSpecificBlock
        DataRow DtpGenericTlv ParameterStatus Parse SMBNegotiate_Response_Security SSLRequest""",
        _BROKEN_LENGTH,
    ),
    **_all(
        "ISIS_CommonHdr",
        "its check sum depends on the layer above, which is not there",
    ),
    **_all(
        "HCSIPacket NRFS2_Packet PCOMBinary",
        "its post_build asks for a field by a name that the class does not have",
    ),
    **_all(
        "ReadModuleDataConfirmation WriteModuleDataRequest",
        "its check sum is computed over data that must be given",
    ),
}

_PADDED = "Scapy pads it only while the length is computed, and the padding is no field"
_MISREAD = "Scapy reads its fields elsewhere than it builds them"
_SHORT = "the default length is shorter than the default text, so less is read than was built"
_EMPTY = "an empty string is read as a layer that builds more than nothing"


def _each(layers: str, field: str, reason: str) -> dict[tuple[str, str], str]:
    return {(layer, field): reason for layer in layers.split()}


#: Values of layers built alone that do not give the same bytes again, by layer and field.
NOT_REBUILT: Mapping[tuple[str, str], str] = {
    **_each(
        """openflow3.OFPMatch OFPATSetField OFPTFPTInstructions OFPTFPTInstructionsMiss
        OFPTFPTNextTables OFPTFPTNextTablesMiss OFPTFPTWriteActions OFPTFPTWriteActionsMiss
        OFPTFPTApplyActions OFPTFPTApplyActionsMiss OFPTFPTMatch OFPTFPTWildcards
        OFPTFPTWriteSetField OFPTFPTWriteSetFieldMiss OFPTFPTApplySetField
        OFPTFPTApplySetFieldMiss OFPTFPTExperimenter OFPTFPTExperimenterMiss""",
        "len",
        _PADDED,
    ),
    **_each(
        """DCPIPBlock DCPMACBlock DCPDeviceIDBlock DCPDeviceRoleBlock DCPDeviceOptionsBlock
        DCPDeviceInstanceBlock DCPOEMIDBlock""",
        "padding",
        "the default block length is 0, so that its padding byte is not read",
    ),
    ("NEGOEX_MESSAGE_HEADER", "*"): _MISREAD,
    ("MIP6MH_Generic", "msg"): _SHORT,
    ("DICOMImplementationVersionName", "name"): _SHORT,
    ("GetDeviceVersion", "*"): _SHORT,
    ("VS_UART_CMD_REQ", "UData"): _SHORT,
    ("VS_UART_CMD_CNF", "UData"): _SHORT,
    ("ICMPv6NIQueryNOOP", "data"): "the data of a NOOP are read as no address, which is none",
    ("LDPLabelMM", "fec"): "the list element without an address is read as 0.0.0.0/0",
    ("LDPLabelWM", "fec"): "the list element without an address is read as 0.0.0.0/0",
    ("LoWPAN_NHC_IPv6Ext", "len"): "the length decides how much padding is built",
    ("OptionalAuth", "auth_len"): "a length of its own makes Scapy fill up the text",
    ("TLSInnerPlaintext", "msg"): "Scapy builds type and padding only with a message",
    ("TLS13ClientHello", "ciphers"): "an absent list of ciphers is not an empty one",
    ("SPNEGO_MechListMIC", "value"): _EMPTY,
    ("SPNEGO_Token", "value"): _EMPTY,
}


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


@pytest.fixture(scope="module")
def built(codec: PacketCodec) -> dict[str, tuple[str, LayerResult]]:
    """Each layer built alone: its bytes in base64 and what is shown of it."""
    found = {}
    for layer in codec.registry:
        if layer.id in NOT_BUILT_ALONE:
            continue
        result = codec.build((LayerSpec(layer.id),))
        assert result.binary is not None
        found[layer.id] = result.binary, result.data[0]
    return found


def test_every_layer_can_be_built_alone(
    codec: PacketCodec, built: dict[str, tuple[str, LayerResult]]
) -> None:
    assert len(built) + len(NOT_BUILT_ALONE) == len(codec.registry) > 3500
    buildable = []
    for layer_id in NOT_BUILT_ALONE:
        try:
            codec.build((LayerSpec(layer_id),))
        except RefusedError as error:
            assert error.where[0] == f"layer 0 ({layer_id})"
            assert error.problem
        else:
            buildable.append(layer_id)
    assert buildable == [], "no longer exceptions"


def value_of(field: FieldResult) -> Any:
    return field.value


def hvalue_of(field: FieldResult) -> Any:
    return field.hvalue


#: What is sent back of a field, and the text that stands for bytes that are no text.
FORMS: list[Callable[[FieldResult], Any]] = [value_of, hvalue_of]


def sent_back(layer: LayerResult, form: Callable[[FieldResult], Any]) -> list[FieldResult]:
    """The fields of the layer whose values say what they are, in order."""
    return [
        field
        for field in layer.fields
        if field.ignored is not True and not (form is hvalue_of and field.hvalue == BINARY)
    ]


def rebuilt(
    codec: PacketCodec,
    layer_id: str,
    fields: list[FieldResult],
    form: Callable[[FieldResult], Any],
) -> str | None:
    model = [
        {"id": layer_id, "fields": [{"id": field.id, "value": form(field)} for field in fields]}
    ]
    return codec.build(parse_model(model, codec.registry)).binary


def is_exception(layer_id: str, field: FieldResult) -> bool:
    return (layer_id, field.id) in NOT_REBUILT or (layer_id, "*") in NOT_REBUILT


@pytest.mark.parametrize("form", FORMS)
def test_every_value_sent_back_gives_the_same_bytes(
    form: Callable[[FieldResult], Any],
    codec: PacketCodec,
    built: dict[str, tuple[str, LayerResult]],
) -> None:
    for layer_id, (binary, layer) in built.items():
        fields = [field for field in sent_back(layer, form) if not is_exception(layer_id, field)]
        assert rebuilt(codec, layer_id, fields, form) == binary, layer_id


def test_the_exceptions_are_still_exceptions(
    codec: PacketCodec, built: dict[str, tuple[str, LayerResult]]
) -> None:
    """In one of the forms: the value may be the bytes where the text says less than they do."""
    for (layer_id, field_id), reason in NOT_REBUILT.items():
        same = [is_rebuilt(codec, built[layer_id], field_id, form) for form in FORMS]
        assert not all(same), f"no longer an exception: {layer_id}.{field_id} ({reason})"


def is_rebuilt(
    codec: PacketCodec,
    of_layer: tuple[str, LayerResult],
    field_id: str,
    form: Callable[[FieldResult], Any],
) -> bool:
    """Whether a layer gives the same bytes with a field that is excepted sent back too."""
    binary, layer = of_layer
    fields = [
        field
        for field in sent_back(layer, form)
        if field_id in ("*", field.id) or not is_exception(layer.id, field)
    ]
    try:
        return rebuilt(codec, layer.id, fields, form) == binary
    except RefusedError:
        return False


def test_what_was_built_and_read_is_built_again(
    codec: PacketCodec, built: dict[str, tuple[str, LayerResult]]
) -> None:
    read = 0
    for layer_id, frame in frames_of(built):
        cls = codec.registry.layer(layer_id).built_class
        try:
            chain = trace_chain(cls, frame)
        except RefusedError:
            # Then Scapy itself cannot read what it has built by default.
            chosen = cls.dispatch_hook(frame) if "dispatch_hook" in cls.__dict__ else cls
            with pytest.raises(Exception):  # noqa: B017 (of any kind)
                new_layer(chosen, None).dissect(frame)
            continue
        packets = [traced.packet for traced in chain]
        assert assemble(packets, [type(packet).__name__ for packet in packets]).frame == frame
        read += 1
    assert read > 0.95 * len(built)


def test_every_field_is_shown(
    codec: PacketCodec, built: dict[str, tuple[str, LayerResult]]
) -> None:
    for layer_id, frame in frames_of(built):
        layer = built[layer_id][1]
        facts = codec.registry.layer(layer_id)
        assert [field.id for field in layer.fields] == [field.id for field in facts.fields]
        for field in layer.fields:
            place = (layer_id, field)
            assert isinstance(field.value, int | float | str | dict), place
            assert isinstance(field.hvalue, str), place
            assert field.bit_offset >= 0, place
            assert 0 <= field.bit_length <= 8 * len(frame), place
            assert field.offset == field.bit_offset // 8, place
            assert field.bit_offset + field.bit_length <= 8 * len(frame) or field.ignored, place


def frames_of(built: dict[str, tuple[str, LayerResult]]) -> Iterator[tuple[str, bytes]]:
    for layer_id, (binary, _) in built.items():
        yield layer_id, base64.b64decode(binary)
