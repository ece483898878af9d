"""Fields that stand for another one fail at once where that cannot be told."""

from __future__ import annotations

import pytest
from scapy.fields import ByteField, ConditionalField, MultipleTypeField
from scapy.layers.x509 import X509_AlgorithmIdentifier

pytestmark = pytest.mark.usefixtures("registry")


def test_a_field_has_what_the_other_one_has() -> None:
    field = ConditionalField(ByteField("number", 7), lambda packet: True)
    assert (field.name, field.default, field.sz) == ("number", 7, 1)
    with pytest.raises(AttributeError, match="neither_has_this"):
        field.neither_has_this  # noqa: B018


def test_what_cannot_be_told_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    field = MultipleTypeField(
        [(ByteField("number", 1), lambda packet: packet.unheard_of == 1)], ByteField("number", 2)
    )
    asked: list[object] = []

    def tell(self: object) -> object:
        asked.append(self)
        raise AttributeError("unheard_of")

    monkeypatch.setattr(MultipleTypeField, "_find_fld", tell)
    with pytest.raises(AttributeError):
        field.neither_has_this  # noqa: B018
    assert len(asked) == 1


def test_an_algorithm_without_an_identifier_is_refused_without_a_thousand_questions() -> None:
    with pytest.raises(AttributeError):
        X509_AlgorithmIdentifier(b"\x30\x00")
