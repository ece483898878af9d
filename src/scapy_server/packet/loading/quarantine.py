"""Scapy, cut off from the host: no clock, no chance, no names looked up, nothing printed.

Scapy's modules reach the host through the names in their own globals (`time`, `os`,
`socket` …) and through `conf`. `isolate` puts inert stand-ins in the place of those
names, for Scapy's modules alone: the clock stands at 1970-01-01T00:00:00Z, random bytes
are zero, the random choice is always the first one, name resolution fails. It is a
second wall: with the defaults of `defaults` nothing should want to ask.
"""

from __future__ import annotations

import builtins
import calendar
import datetime
import logging
import os
import random
import socket
import sys
import time
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import scapy.asn1.ber
import scapy.asn1fields
import scapy.base_classes
import scapy.fields
import scapy.interfaces
import scapy.utils
from scapy.config import conf

from scapy_server.limits import FRAME_BYTES, LIST_ITEMS
from scapy_server.packet.layers import header_lines

#: Where Scapy's clock stands, in seconds since the Unix epoch.
FROZEN_TIME = 0.0

#: Modules under the layers that take part in building and dissecting.
_FOUNDATION = (
    "scapy.packet",
    "scapy.fields",
    "scapy.base_classes",
    "scapy.asn1fields",
    "scapy.asn1packet",
    "scapy.asn1.asn1",
    "scapy.asn1.ber",
    "scapy.asn1.mib",
    "scapy.utils6",
)
_LAYER_PACKAGES = ("scapy.layers.", "scapy.contrib.")
_LOGGERS = ("scapy", "scapy.runtime", "scapy.loading", "scapy.interactive")


def silence() -> None:
    """Make Scapy's loggers mute for good.

    The level counts as much as the handlers: below it Scapy's filter would walk the
    stack, reading source files, at every warning.
    """
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.handlers = [logging.NullHandler()]


def isolate() -> None:
    """Put the stand-ins into every layer module that is loaded, and into `conf`."""
    for name in [*_FOUNDATION, *(n for n in sys.modules if n.startswith(_LAYER_PACKAGES))]:
        module = sys.modules.get(name)
        if module is not None:
            _replace_names(module)
    for owner, name, stand_in in _FIXED_ANSWERS:
        setattr(owner, name, stand_in)
    _keep_asn1_tags()
    _write_bits_at_once()
    _refuse_negative_parts()
    _leave_empty_strings()
    _chain_all_entries()
    header_lines.write_as_given()
    conf.resolve = type(conf.resolve)()
    # Scapy's own bound of 100 would refuse real packets, such as a full IGMPv3 report.
    conf.max_list_count = int(LIST_ITEMS)
    _tame_settings(conf.contribs)


def _keep_asn1_tags() -> None:
    """Let no ASN.1 field learn the tag that it read: every packet after would be read by it.

    A field that takes any tag writes its own; what is not changed keeps the bytes it had.
    """
    fields: Any = scapy.asn1fields
    if hasattr(fields.ASN1F_field, "_apply_diff_tag"):
        fields.ASN1F_field._apply_diff_tag = _do_nothing
        return
    decode = fields.BER_tagging_dec  # Scapy 2.6 learns the tag in several places

    def decode_tag(*arguments: Any, **named: Any) -> tuple[None, bytes]:
        return None, decode(*arguments, **named)[1]

    fields.BER_tagging_dec = decode_tag


def _write_bits_at_once() -> None:
    """Let bits whose number another field says be written in one go, and fit a frame.

    Scapy shifts them all for every byte: a length of four bytes would keep it for years.
    """

    def addfield(field: Any, packet: Any, built: Any, value: int) -> Any:
        field.size = field.length_from(packet)
        FRAME_BYTES.check(field.size // 8)
        whole, pending, before = built if isinstance(built, tuple) else (built, 0, 0)
        number = field.i2m(packet, value) & ((1 << field.size) - 1) | before << field.size
        size, left = divmod(pending + field.size, 8)
        whole += (number >> left).to_bytes(size, "big")
        return (whole, left, number & ((1 << left) - 1)) if left else whole

    scapy.fields.BitLenField.addfield = addfield  # type: ignore[assignment, method-assign]


def _refuse_negative_parts() -> None:
    """Let no part of an object identifier be negative: Scapy would encode it without end."""
    rules: Any = scapy.asn1.ber
    encode = rules.BER_num_enc

    def encode_number(number: int, size: int = 1) -> Any:
        if number < 0:
            raise ValueError(f"{number} is negative")
        return encode(number, size)

    rules.BER_num_enc = encode_number


def _leave_empty_strings() -> None:
    """Let a string of SSH without bytes stay one: as a key it would build bytes of its own."""
    ssh: Any = sys.modules.get("scapy.layers.ssh")
    if ssh is None:
        return
    field = ssh.SSHPacketStringField
    read = field.m2i

    def as_key(self: Any, packet: Any, data: bytes) -> Any:
        string = super(field, self).m2i(packet, data)
        return read(self, packet, data) if string.value else string

    field.m2i = as_key


def _chain_all_entries() -> None:
    """Let entries of SMB2 that say where the next one begins be built, however they call that."""
    smb2: Any = sys.modules.get("scapy.layers.smb2")
    if smb2 is None:
        return

    def addfield(field: Any, packet: Any, built: bytes, entries: Any) -> bytes:
        for number, entry in enumerate(entries, 1):
            data = field.i2m(packet, entry)
            first = entry.fields_desc[0].name if entry.fields_desc else ""
            if (
                first.startswith("Next")
                and entry.getfieldval(first) is None
                and number < len(entries)
            ):
                data = len(data).to_bytes(4, "little") + data[4:]
            built += data
        return built

    smb2._NextPacketListField.addfield = addfield


def _tame_settings(contribs: dict[str, Any]) -> None:
    # Bodies stay as they are on the wire: unpacking one could fill the memory.
    if "http" in contribs:
        contribs["http"].update(auto_compression=False, auto_chunk=False)
    # A model may stack LLDP units in any order; strict mode raises.
    if "LLDP" in contribs:
        contribs["LLDP"].strict_mode_disable()
    # What is filled in depends on the matches that were read or built before.
    if "OPENFLOW" in contribs:
        contribs["OPENFLOW"]["prereq_autocomplete"] = False


def _replace_names(module: types.ModuleType) -> None:
    names = vars(module)
    replaced = {
        name: _STAND_INS[id(value)] for name, value in names.items() if id(value) in _STAND_INS
    }
    replaced |= {"print": _do_nothing, "open": _refuse_lookup}
    if _DRAWS_KEYS in names:
        replaced[_DRAWS_KEYS] = _draw_no_key
    # A program that imports * from the module must not get the stand-ins.
    names.setdefault("__all__", [n for n in names if n[0] != "_" and n not in replaced])
    names.update(replaced)


#: The name by which layers know what draws a private key.
_DRAWS_KEYS = "_tls_named_groups_generate"


def _draw_no_key(group: int) -> NoReturn:
    """As without the library for it: what is empty stays so, and builds the same every time."""
    raise ImportError(f"no key of group {group} is drawn")


class _FixedRoute:
    """Answers every question for a route without looking: no interface, a fixed source."""

    def __init__(self, source: str) -> None:
        self._source = source

    def route(self, *_: object, **__: object) -> tuple[str, str, str]:
        return "", self._source, ""

    def get_if_bcast(self, *_: object) -> list[str]:
        return []


def _numeric_address(cls: Any, name: str) -> str:
    try:
        return socket.inet_ntop(cls.family, socket.inet_pton(cls.family, name))
    except OSError:
        raise ValueError(f"{name!r} is not an address; names are not looked up") from None


def _refuse_lookup(*_: object, **__: object) -> NoReturn:
    raise OSError("Scapy is cut off from the host")


def _do_nothing(*_: object, **__: object) -> None:
    pass


def _frozen_time() -> float:
    return FROZEN_TIME


def _frozen_time_ns() -> int:
    return int(FROZEN_TIME * 1_000_000_000)


def _utc(seconds: float | None = None) -> time.struct_time:
    return time.gmtime(FROZEN_TIME if seconds is None else seconds)


def _format_utc(pattern: str, moment: Any = None) -> str:
    return time.strftime(pattern, _utc() if moment is None else moment)


class _FrozenDatetime(datetime.datetime):
    """Dates whose present is where the clock stands."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _FrozenDatetime:
        return cls.fromtimestamp(FROZEN_TIME, tz or datetime.timezone.utc)

    @classmethod
    def utcnow(cls) -> _FrozenDatetime:
        return cls.now().replace(tzinfo=None)


def _zeros(size: int) -> bytes:
    return bytes(size)


def _lowest(low: Any = 0, *_: object) -> Any:
    return low


def _lowest_below(start: int, stop: int | None = None, *_: object) -> int:
    return 0 if stop is None else start


def _first(items: Sequence[Any]) -> Any:
    return items[0]


def _zero(*_: object) -> int:
    return 0


def _like(module: types.ModuleType, **replaced: Callable[..., Any]) -> types.ModuleType:
    """A copy of the module in which some names are others."""
    copy = types.ModuleType(module.__name__, module.__doc__)
    vars(copy).update({k: v for k, v in vars(module).items() if not k.startswith("__")})
    vars(copy).update(replaced)
    return copy


_TIME = _like(
    time,
    time=_frozen_time,
    time_ns=_frozen_time_ns,
    monotonic=_frozen_time,
    gmtime=_utc,
    localtime=_utc,
    mktime=calendar.timegm,
    strftime=_format_utc,
    sleep=_do_nothing,
)
_RANDOM = _like(
    random,
    random=_frozen_time,
    randint=_lowest,
    randrange=_lowest_below,
    uniform=_lowest,
    gauss=_lowest,
    expovariate=_frozen_time,
    getrandbits=_zero,
    choice=_first,
)
_OS = _like(os, urandom=_zeros, open=_refuse_lookup, popen=_refuse_lookup, system=_refuse_lookup)
_SOCKET = _like(
    socket,
    getaddrinfo=_refuse_lookup,
    gethostbyname=_refuse_lookup,
    gethostbyaddr=_refuse_lookup,
    gethostname=_refuse_lookup,
    getfqdn=_refuse_lookup,
    getservbyname=_refuse_lookup,
    getservbyport=_refuse_lookup,
    create_connection=_refuse_lookup,
)
_DATETIME = _like(datetime, datetime=_FrozenDatetime)
_WARNINGS = _like(warnings, warn=_do_nothing, warn_explicit=_do_nothing)

#: What is replaced, by identity, and by what.
_STAND_INS: dict[int, Any] = {
    id(time): _TIME,
    id(time.time): _frozen_time,
    id(random): _RANDOM,
    id(random.choice): _first,
    id(random.randint): _lowest,
    id(random.random): _frozen_time,
    id(os): _OS,
    id(os.urandom): _zeros,
    id(datetime): _DATETIME,
    id(socket): _SOCKET,
    id(socket.getaddrinfo): _refuse_lookup,
    id(warnings): _WARNINGS,
    id(warnings.warn): _do_nothing,
    id(scapy.utils.randstring): _zeros,
    id(builtins.open): _refuse_lookup,
}

#: Where Scapy would look something up itself: the owner, the name, and what answers now.
_FIXED_ANSWERS: tuple[tuple[Any, str, Any], ...] = (
    (scapy.base_classes.Net, "name2addr", classmethod(_numeric_address)),
    (scapy.interfaces, "resolve_iface", _refuse_lookup),
    (scapy.interfaces, "dev_from_index", _refuse_lookup),
    (conf, "route", _FixedRoute("16.0.0.1")),
    (conf, "route6", _FixedRoute("::2")),
)
