"""Requests made by chance that come close to what all methods take, for `bench/hostile.py`.

Packet models over all layers with values of all forms, expressions, mutated frames, captures,
programs and profiles; then some of the JSON, or of its bytes, is changed again.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costly import RECIPES, Genes, Materials

_NUMBERS = (0, 1, -1, 255, 256, 65_535, 65_536, 2**31, 2**32, 2**63, 2**64, -(2**63), 10**40, 0.5)
_TEXTS = ("", "0", "-1", "0x", "0xff", "None", "é", "\x00", "a" * 300, "1.2.3.4", "::1", "[]", "{")
_CALLS = ("RawVal", "ASN1_INTEGER", "ASN1_OID", "ASN1_STRING", "ASN1_BIT_STRING", "ASN1_SEQUENCE")


@dataclass(frozen=True)
class Vocabulary:
    """Layers with their fields, frames to begin with, and what recipes need."""

    fields: Mapping[str, Sequence[str]]
    frames: Sequence[bytes]
    materials: Materials


class Maker:
    """Makes one request after the other; the same chance makes the same ones."""

    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._words = vocabulary
        self._layers = list(vocabulary.fields)
        self._chance = chance
        self._kinds: Sequence[Callable[[], tuple[str, Any]]] = (
            self._build,
            self._build,
            self._reconstruct,
            self._reconstruct,
            self._expression,
            self._expression,
            self._capture,
            self._program,
            self._recipe,
            self._catalogue,
        )

    def request(self) -> bytes:
        """The next one."""
        method, params = self._chance.choice(self._kinds)()
        if self._chance.random() < 0.25:
            params = self._spoilt(params)
        call: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        text = json.dumps(call).encode()
        return self._mutated(text) if self._chance.random() < 0.05 else text

    # -- kinds of requests

    def _build(self) -> tuple[str, Any]:
        method = self._chance.choice(
            ("build_pkt", "build_pkt", "build_pkts", "get_payload_classes")
        )
        if method == "build_pkts":
            return method, [[self._model() for _ in range(self._chance.randint(1, 4))]]
        more = [self._chance.choice((1, 101, "RAW", 105, 0, 147, 9999))]
        return method, [self._model(), *(more if self._chance.random() < 0.2 else [])]

    def _reconstruct(self) -> tuple[str, Any]:
        frame = base64.b64encode(self._frame()).decode()
        if self._chance.random() < 0.4:
            return "write_expression", [frame, *self._perhaps(self._layer_name())]
        link = self._chance.choice((1, 1, 1, 0, 101, 105, 113, 127, 195, 219))
        return "reconstruct_pkt", [frame, self._changes(), link]

    def _expression(self) -> tuple[str, Any]:
        method = self._chance.choice(("read_expression", "read_expression", "get_all_pkt_offsets"))
        return method, [self._packet_text(2)]

    def _capture(self) -> tuple[str, Any]:
        order = self._chance.choice("<>")
        link = self._chance.choice((1, 1, 101, 105, 113, 127, 192, 195, 219, 276))
        data = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link)
        for _ in range(self._chance.randint(1, 5)):
            frame = self._frame()
            data += struct.pack(order + "IIII", 0, 0, len(frame), len(frame)) + frame
        data = self._mutated(data) if self._chance.random() < 0.3 else data
        data = gzip.compress(data, 1) if self._chance.random() < 0.2 else data
        options = {"detail": self._chance.choice(("tree", "summary", "bytes"))}
        return "read_pcap", [base64.b64encode(data).decode(), *self._perhaps(options)]

    def _program(self) -> tuple[str, Any]:
        names = ("FlowVar", "WrFlowVar", "WrMaskFlowVar", "FixIpv4", "FixChecksumHw", "TupleGen")
        instructions = [
            {"id": f"STLVm{self._chance.choice(names)}", "parameters": self._parameters()}
            for _ in range(self._chance.randint(0, 5))
        ]
        program = {"field_engine": {"instructions": instructions}}
        method = self._chance.choice(("build_pkt_ex", "explain_program", "render_packets"))
        model = self._model() if self._chance.random() < 0.3 else [{"id": "Ether"}, {"id": "IP"}]
        if method != "render_packets":
            return method, [model, program]
        options = {
            "count": self._chance.randint(0, 20),
            "detail": self._chance.choice(("tree", "changes", "bytes")),
            "cores": self._chance.choice((1, 2, 3, 64)),
        }
        return method, [model, program, options]

    def _recipe(self) -> tuple[str, Any]:
        genes = Genes([self._chance.random() / 3 for _ in range(24)])
        return self._chance.choice(RECIPES)(genes, self._words.materials)

    def _catalogue(self) -> tuple[str, Any]:
        name = self._layer_name()
        calls: tuple[tuple[str, Any], ...] = (
            ("get_definitions", [[name, self._text()]]),
            ("get_template", [{"id": self._text()}]),
            ("check_update", [self._text(), self._text()]),
            ("supported_methods", [self._value()]),
            ("describe_method", [self._value()]),
            ("get_version_handler", [self._text(), "02"]),
            ("write_pcap", [[base64.b64encode(self._frame()).decode(), self._value()]]),
            ("load_instruction_parameter_values", [self._model(), {}, "pkt_offset"]),
            ("get_tree", self._value()),
            (self._text(), []),
        )
        return self._chance.choice(calls)

    # -- parts of them

    def _perhaps(self, value: Any) -> list[Any]:
        return [value] if self._chance.random() < 0.5 else []

    def _layer_name(self) -> str:
        return self._chance.choice(self._layers)

    def _text(self) -> str:
        return self._chance.choice((*_TEXTS, self._layer_name(), self._layer_name() + "x"))

    def _frame(self) -> bytes:
        frame = self._chance.choice(self._words.frames)
        return self._mutated(frame) if self._chance.random() < 0.8 else frame

    def _mutated(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self._chance.randint(1, 6)):
            at = self._chance.randrange(len(changed) + 1)
            how = self._chance.randrange(4)
            if how == 0 and at < len(changed):
                changed[at] = self._chance.choice((0, 1, 0x7F, 0x80, 0xFF, changed[at] ^ 1))
            elif how == 1:
                del changed[at : at + self._chance.randint(1, 8)]
            elif how == 2:
                changed[at:at] = self._chance.randbytes(self._chance.randint(1, 8))
            else:
                changed[at:at] = changed[at : at + self._chance.randint(1, 16)]
        return bytes(changed)

    def _model(self) -> list[Any]:
        return [self._layer() for _ in range(self._chance.randint(1, 4))]

    def _layer(self) -> dict[str, Any]:
        name = self._layer_name()
        count = self._chance.choice((0, 0, 1, 1, 2, 3))
        return {"id": name, "fields": [self._field(name) for _ in range(count)]}

    def _field(self, layer: str) -> dict[str, Any]:
        names = self._words.fields[layer]
        field = self._chance.choice(names) if names else "x"
        return {"id": field, "value": self._value()}

    def _changes(self) -> list[Any]:
        layers = [{"id": "Ether"}, {"id": "IP"}, {"id": self._chance.choice(("TCP", "UDP"))}]
        changes: list[Any] = layers[: self._chance.randint(0, 3)]
        if self._chance.random() < 0.5:
            changes.append(self._layer())
        for change in changes:
            if self._chance.random() < 0.3:
                change.update(self._chance.choice(({"delete": True}, {"fields": self._value()})))
            elif self._chance.random() < 0.3:
                change["fields"] = [self._field(change["id"])]
        return changes

    def _parameters(self) -> dict[str, Any]:
        names = ("name", "fv_name", "size", "op", "min_value", "max_value", "init_value", "step")
        more = ("pkt_offset", "value_list", "offset", "l3_offset", "l4_offset", "l4_type", "mask")
        values = ("v", "1", "2", "4", "inc", "random", "IP.src", "IP", "14", self._value())
        keys = self._chance.sample((*names, *more), self._chance.randint(0, 6))
        return {key: self._chance.choice(values) for key in keys}

    def _value(self, depth: int = 2) -> Any:
        kind = self._chance.randrange(10)
        if kind == 0:
            return self._chance.choice(_NUMBERS)
        if kind == 1:
            return self._chance.choice((None, True, False, [], {}))
        if kind <= 3:
            return self._text()
        if kind == 4:
            return {"vtype": "BYTES", "base64": base64.b64encode(self._frame()).decode()}
        if kind == 5:
            size = self._chance.choice((0, 1, 100))
            return {"vtype": "BYTES", "generate": "random_bytes", "size": size, "seed": 1}
        if kind == 6 and depth:
            return [self._value(depth - 1) for _ in range(self._chance.randint(0, 3))]
        if kind == 7 and depth:
            return {self._text(): self._value(depth - 1)}
        return {"vtype": "EXPRESSION", "expr": self._value_text(depth)}

    def _value_text(self, depth: int) -> str:
        kind = self._chance.randrange(8)
        if kind == 0:
            return str(self._chance.choice(_NUMBERS))
        if kind == 1:
            return repr(self._text())
        if kind == 2:
            return repr(self._frame()[:20])
        if kind == 3 and depth:
            count = self._chance.randint(0, 3)
            return f"[{', '.join(self._value_text(depth - 1) for _ in range(count))}]"
        if kind == 4 and depth:
            return f"({self._value_text(depth - 1)}, {self._value_text(depth - 1)})"
        if kind == 5:
            return f"{self._chance.choice(_CALLS)}({self._value_text(0)})"
        if kind == 6 and depth:
            sign = self._chance.choice(("-", "~", "+", "not "))
            return sign + self._value_text(depth - 1)
        return self._packet_text(depth - 1) if depth > 0 else "None"

    def _packet_text(self, depth: int) -> str:
        layers = []
        for _ in range(self._chance.randint(1, 3)):
            name = self._layer_name()
            fields = list(self._words.fields[name])
            chosen = self._chance.sample(fields, min(len(fields), self._chance.randint(0, 2)))
            given = ", ".join(f"{field}={self._value_text(depth)}" for field in chosen)
            layers.append(f"{name}({given})")
        return "/".join(layers)

    def _spoilt(self, value: Any) -> Any:
        """The same JSON with a part of it changed."""
        if isinstance(value, list) and value and self._chance.random() < 0.8:
            at = self._chance.randrange(len(value))
            return [self._spoilt(each) if n == at else each for n, each in enumerate(value)]
        if isinstance(value, dict) and value and self._chance.random() < 0.8:
            at = self._chance.choice(list(value))
            return {key: self._spoilt(each) if key == at else each for key, each in value.items()}
        return self._value()
