from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.errors import ExpressionSyntaxError, RefusedError, ScapyServerError
from scapy_server.packet.expressions.constructors import CONSTRUCTORS
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.layers.registry import Registry
from tests.properties import times

Evaluate = Callable[[str], Any]


@pytest.fixture(scope="session")
def value(registry: Registry) -> Evaluate:
    return lambda text: evaluate(text, registry)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1", 1),
        ("-1", -1),
        ("0x10", 16),
        ("1.5", 1.5),
        ("'text'", "text"),
        ("b'bytes'", b"bytes"),
        ("None", None),
        ("True", True),
        ("[1, 'a', None]", [1, "a", None]),
        ("(1,)", (1,)),
        ("()", ()),
        ("1, 2", (1, 2)),
        ("{'a': [1]}", {"a": [1]}),
        ("{1, 2}", {1, 2}),
        ("set()", set()),
        ("[('MSS', 1460), ('NOP', None), ('SAckOK', b'')]", None),
        ("[('message-type', 'discover'), 'end']", [("message-type", "discover"), "end"]),
        ("[1] * 3 + [2]", [1, 1, 1, 2]),
        ("2 * (1 + 2)", 6),
        ("2 ** -1", 0.5),
        ("-2 ** 2", -4),
        ("2 ** 3 ** 2", 512),
        ("10 - 3 - 2", 5),
        ("b'\\x00' * 3 + b'ab'", b"\0\0\0ab"),
        ("1 << 8 | 0xF & ~1", 270),
    ],
)
def test_values(value: Evaluate, text: str, result: object) -> None:
    made = value(text)
    expected = eval(text) if result is None and text != "None" else result
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("text", "hexadecimal"),
    [
        ("Raw('x')", "78"),
        ("Raw(b'\\xff') / 'text' / b'bytes'", "ff" + b"textbytes".hex()),
        ("Raw('\u00e9')", "c3a9"),
        ("Raw(b'')", ""),
        ("Dot1Q(vlan=5, type=0x800)", "00050800"),
        ("Dot1Q(vtype=0x800)", "00010800"),
        ("Dot1Q(prio=1 + 2, vlan=1) / Raw(load='a')", "6001000061"),
        ("'ab' / Dot1Q()", "616200010000"),
        ("IPOption_SSRR(copy_flag=0, routers=['1.2.3.4'])", "0907040102" + "0304"),
        ("DNSQR(qname='x')", "017800" + "00010001"),
        ("DNSQR(qtype='AAAA', qname='x')", "017800" + "001c0001"),
        ("UDP(b'\\x00\\x01\\x00\\x02\\x00\\x08\\x00\\x00')", "0001000200080000"),
        ("UDP(b'\\x00\\x01\\x00\\x02\\x00\\x08\\x00\\x00', sport=7)", "0007000200080000"),
        ("UDP(len=RawVal(b'abc'))", "00350035" + "616263" + "0000"),
        ("TCP(options=[('MSS', 1460)])", "0014005000000000000000006002200000000000020405b4"),
        ("TCP(options=TCPOptions(MSS=1460))", "0014005000000000000000006002200000000000020405b4"),
        ("DHCP(options=[('message-type', 'discover'), 'end'])", "350101ff"),
        ("DHCP(options=[('hostname', b'ab'), ('router', '1.2.3.4')])", "0c026162030401020304"),
        ("SNMPget(varbindlist=[SNMPvarbind(oid=ASN1_OID('1.3'))])", None),
    ],
)
def test_layers_are_built(value: Evaluate, text: str, hexadecimal: str | None) -> None:
    data = value(text).build().hex()
    if hexadecimal is not None:
        assert data == hexadecimal
    assert value(text).build().hex() == data


def test_the_documented_packet(value: Evaluate) -> None:
    packet = value("Ether()/IP(src='127.0.0.1')/TCP(sport=80)")
    assert packet.summary().startswith("Ether / IP / TCP")
    assert packet.build()[:14].hex() == "0000000100000000000200000800"
    assert packet["IP"].src == "127.0.0.1"
    assert len(packet.build()) == 54


def test_the_same_class_of_two_modules_is_told_apart_by_its_module(
    value: Evaluate, registry: Registry
) -> None:
    dotted = [layer for layer in registry if "." in layer.id]
    assert dotted
    for layer in dotted[:20]:
        if layer.cls.fields_desc:
            assert type(value(f"{layer.id}()")) is layer.cls


def test_a_class_without_fields_chooses_one_that_has_some(value: Evaluate) -> None:
    assert type(value("NTP()")).__name__ == "NTPHeader"


def test_arguments_are_set_in_the_order_of_the_fields(value: Evaluate) -> None:
    backwards = value("ARP(psrc='::1', hwsrc=b'ab', plen=16, hwlen=2, ptype=0x86dd)")
    forwards = value("ARP(ptype=0x86dd, hwlen=2, plen=16, hwsrc=b'ab', psrc='::1')")
    assert backwards.build() == forwards.build()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("TCPOptions()", []),
        ("TCPOptions(('MSS', 1460), 'NOP')", [("MSS", 1460), ("NOP", None)]),
        ("TCPOptions([('MSS', 1460), (77, b'x')])", [("MSS", 1460), (77, b"x")]),
        ("TCPOptions(WScale=7, NOP=None)", [("WScale", 7), ("NOP", None)]),
    ],
)
def test_tcp_options(value: Evaluate, text: str, result: object) -> None:
    assert value(text) == result


REFUSED = [
    ("__import__('os')", "column 1 of the expression: there is no layer '__import__'"),
    ("().__class__", "attributes are not allowed in an expression: '().__class__'"),
    ("().__class__.__bases__[0].__subclasses__()", "can be called: '().__class__"),
    ("''.join(['a'])", "only layers and constructors, by their names, can be called"),
    ("exit()", "there is no layer 'exit'"),
    ("eval", "a name is not a value; texts stand in quotes: 'eval'"),
    ("[true]", "it is written True here: 'true'"),
    ("eval('1')", "there is no layer 'eval'"),
    ("open('/etc/passwd')", "there is no layer 'open'"),
    ("globals()", "there is no layer 'globals'"),
    ("print(1)", "there is no layer 'print'"),
    ("os.system('id')", "attributes are not allowed in an expression: 'os.system'"),
    ("scapy.all.IP()", "by their names, can be called: 'scapy.all.IP'"),
    ("10**10**10", "an integer in an expression may be at most 4096 bits"),
    ("'a'*10**9", "a text or bytes in an expression may be at most 1048576 items"),
    ("[0]*10**9", "an expression may be at most 20000 syntax nodes"),
    ("[[[0]*100]*100]*100", "an expression may be at most 20000 syntax nodes"),
    ("(0,)*10**9", "an expression may be at most 20000 syntax nodes"),
    ("['a'*100000]*1000", "all texts and bytes of an expression together"),
    ("[IP()]*2000", "an expression may be at most 384 layers"),
    ("IP()*2", "* does not work on layers; / stacks them"),
    ("1<<10**9", "an integer in an expression may be at most 4096 bits"),
    ("9" * 4000, "an integer in an expression may be at most 4096 bits"),
    ("9" * 5000, "an integer in an expression may be at most 4096 bits"),
    ("[" * 10_000, "the nesting of an expression may be at most 40 levels"),
    ("-" * 900 + "1", "the nesting of an expression may be at most 40 levels"),
    ("(lambda: 1)()", '"lambda" is not allowed'),
    ("f'{exit()}'", "formatted strings (f') are not allowed"),
    ("'%s' % 1", "% does not work on str and int"),
    ("'{}'.format(1)", "only layers and constructors"),
    ("(x := 1)", "column 2 of the expression: assignments are not allowed"),
    ("IP.src", "attributes are not allowed in an expression: 'IP.src'"),
    ("IP().src", "attributes are not allowed in an expression: 'IP().src'"),
    ("IP()[0]", "subscripts are not allowed in an expression: 'IP()[0]'"),
    ("IP", "a name alone is not a value, write IP(): 'IP'"),
    ("IP(**{})", "double-starred arguments are not allowed: '**{}'"),
    ("IP(*[])", "starred arguments are not allowed: '*[]'"),
    ("[*[1]]", "starred items are not allowed in an expression: '*[1]'"),
    ("{**{}}", "** is not allowed in an expression"),
    ("(x for x in [1])", '"for" is not allowed'),
    ("1 < 2", "comparisons are not allowed in an expression: '1 < 2'"),
    ("1 is 1", '"is" is not allowed'),
    ("1 @ 1", "the operator @ is not allowed"),
    ("1j", "complex values are not allowed: '1j'"),
    ("...", "ellipsis values are not allowed: '...'"),
    ("{[]: 1}", "only constants and tuples of them can be keys or in a set: '[]'"),
    ("{IP()}", "can be keys or in a set: 'IP()'"),
    ("1 + \\\n exit", "line 2, column 2 of the expression: a name is not a value"),
    ("[1,\n IPP()]", "line 2, column 2 of the expression: there is no layer 'IPP'"),
    ("Ehter()", "there is no layer 'Ehter'; did you mean \"Ether\"?"),
    ("TCPoptions()", "there is no layer 'TCPoptions'; did you mean \"TCPOptions\"?"),
    ("\uff29\uff30()", "may only stand in quotes"),
    ("RandShort()", "random values are not allowed; the value form RANDOM draws one"),
    ("fuzz(IP())", "and scapy-server build --fuzz one for every field"),
    ("IP(dst='example.com')", "column 4 of the expression, IP.dst: 'example.com' is not an IPv4"),
    ("IP(dst='1.2.3.0/8')", "IP.dst: '1.2.3.0/8' is not an IPv4 address"),
    ("IP(dst=Net('1.2.3.0/8'))", "there is no layer 'Net'"),
    ("IP(ttl=300)", "IP.ttl: 300 is out of range; ttl takes 0 to 255"),
    ("IP()/IP(ttl=2, tll=3)", "column 16 of the expression: there is no field 'tll' in IP; did"),
    ("IP(ttl=1, ttl=2)", "column 11 of the expression: the field ttl of IP is given twice"),
    ("Dot1Q(type=1, vtype=2)", "the field type of Dot1Q is given twice"),
    ("IP(_pkt=b'a')", "there is no field '_pkt' in IP"),
    ("IP(__class__=1)", "there is no field '__class__' in IP"),
    ("IP(payload=TCP())", "there is no field 'payload' in IP"),
    ("IP(1)", "must be bytes to dissect, such as b'\\x45\\x00', not 1"),
    ("IP('abc')", "IP: the argument without a name must be bytes to dissect"),
    ("IP(b'a', b'b')", "takes one argument without a name"),
    ("Raw('\\udc80')", r"Raw: '\udc80' is not valid Unicode text"),
    ("DNSQR(qname='\\udc80')", "DNSQR.qname: "),
    ("IP(b'')", "no bytes to dissect; write IP() for the defaults"),
    ("IP(b'E')", "column 1 of the expression, IP: a frame of 1 bytes cannot be read as IP"),
    ("IP(src=IP())", "IP.src"),
    ("DNS(qd=5)", "DNS.qd: the field holds a list of layers, not 5"),
    ("IP()/5", "/ stacks layers, bytes and texts, not 5"),
    ("IP()/[TCP()]", "/ stacks layers, bytes and texts, not [<TCP"),
    ("IP()+TCP()", "+ does not work on layers; / stacks them"),
    ("'a'/'b'", "/ does not work on str and str"),
    ("1/0", "1 / 0: division by zero"),
    ("-'a'", "- does not work on 'a'"),
    ("TCPOptions(MMS=1)", "'MMS' is not a TCP option; did you mean \"MSS\"?"),
    ("TCPOptions(5)", "5 is not an option; an option is a pair such as ('MSS', 1460)"),
    ("RawVal('a')", "RawVal: takes the bytes of a field, not 'a'"),
    ("UUID('x')", "UUID: 'x' is not a UUID"),
    ("float('x')", "float: 'x' is not a number of floating point"),
    ("Fraction('1/3')", "Fraction: '1/3' is not a decimal number such as '1.5'"),
    ("Fraction('1e999999999')", "is not a decimal number"),
    ("set([1])", "set: takes no argument"),
    ("ASN1_INTEGER('a')", "ASN1_INTEGER: takes a whole number, not 'a'"),
    ("ASN1_BIT_STRING('012')", "takes text of the digits 0 and 1"),
    ("float(x=1, x=2)", "float: a keyword is given twice"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=lambda text: text[:40])
def test_refusals_name_what_and_where(value: Evaluate, text: str, expected: str) -> None:
    with pytest.raises(RefusedError) as caught:
        value(text)
    assert expected in caught.value.message
    assert " of the expression" in caught.value.message


BOUNDS = [
    (f"[{'1,' * (limits.EXPRESSION_NODES - 1)}]", f"[{'1,' * limits.EXPRESSION_NODES}]"),
    (f"[Raw()] * {limits.EXPRESSION_LAYERS}", f"[Raw()] * {limits.EXPRESSION_LAYERS + 1}"),
    ("/".join(["Raw()"] * limits.LAYERS), "/".join(["Raw()"] * (limits.LAYERS + 1))),
    ("-" * limits.EXPRESSION_DEPTH + "1", "-" * (limits.EXPRESSION_DEPTH + 1) + "1"),
    (str((1 << limits.EXPRESSION_INTEGER_BITS) - 1), str(1 << limits.EXPRESSION_INTEGER_BITS)),
    (
        f"'{'a' * (limits.EXPRESSION_DATA // 2)}', 'b' * {limits.EXPRESSION_DATA // 2 - 1}",
        f"'{'a' * (limits.EXPRESSION_DATA // 2)}', 'b' * {limits.EXPRESSION_DATA // 2}",
    ),
    (
        f"UDP(b'\\0' * {limits.EXPRESSION_DISSECTED_BYTES})",
        f"UDP(b'\\0' * {limits.EXPRESSION_DISSECTED_BYTES + 1})",
    ),
]


@pytest.mark.parametrize(("within", "beyond"), BOUNDS, ids=lambda text: text[:20])
def test_bounds_have_two_sides(value: Evaluate, within: str, beyond: str) -> None:
    value(within)
    with pytest.raises(RefusedError, match="may be at most"):
        value(beyond)


def test_a_layer_costs_the_layers_in_its_defaults(value: Evaluate) -> None:
    with pytest.raises(RefusedError, match="at most 384 layers"):
        value("[X509_Cert()] * 200")


def test_constructors_do_not_hide_layers(registry: Registry) -> None:
    assert not [name for name in CONSTRUCTORS if name in registry]


def test_nothing_is_shared_between_evaluations(value: Evaluate) -> None:
    first = value("DNS()")
    first.fields["qd"].append(value("DNSQR(qname='a')"))
    assert len(value("DNS()").fields["qd"]) < len(first.fields["qd"])


def test_dissection_is_bounded_and_keeps_the_bytes(value: Evaluate) -> None:
    packet = value("Dot1Q(b'\\x00\\x01\\x81\\x00' * 1000)")
    assert packet.build() == b"\x00\x01\x81\x00" * 1000
    assert packet.lastlayer().name == "Raw"


def test_not_a_number_is_a_value(value: Evaluate) -> None:
    assert math.isnan(value("float('nan')"))
    assert value("-float('inf')") == -math.inf


SEEDS = [
    "Ether()/IP(dst='1.2.3.4')/TCP(sport=80, options=[('MSS', 1460)])",
    "DNS(qd=DNSQR(qname='x'), an=[DNSRR(rdata='1.2.3.4')]*2)",
    "IP(b'E\\x00\\x00\\x14' + b'\\x00' * 16)",
    "{'a': (1, -2.5, None), b'b': [True, {3}]}",
    "IPOption_RR(routers=['1.2.3.4'] * 3) / 'payload'",
]
_ALPHABET = "()[]{},:.=+-*/%<>|&^~@'\"\\ \n#;!$0123456789abxeEIPTCUDPrfu_\0\ud800\u00e9\uff29"


@settings(max_examples=times(2))
@given(text=st.text(st.sampled_from(_ALPHABET), max_size=60) | st.text(max_size=30))
def test_any_text_has_a_value_or_one_of_our_errors(registry: Registry, text: str) -> None:
    _evaluate_or_refuse(text, registry)


@settings(max_examples=times(3))
@given(seed=st.sampled_from(SEEDS), choice=st.randoms(use_true_random=False))
def test_a_damaged_expression_has_a_value_or_one_of_our_errors(
    registry: Registry, seed: str, choice: random.Random
) -> None:
    text = seed
    for _ in range(choice.randint(1, 4)):
        start = choice.randrange(len(text) + 1)
        end = min(len(text), start + choice.choice([0, 1, 1, 5]))
        other = choice.choice(SEEDS)
        cut = choice.randrange(len(other))
        inserted = choice.choice(["", choice.choice(_ALPHABET), other[cut : cut + 8]])
        text = text[:start] + inserted + text[end:]
    _evaluate_or_refuse(text, registry)


def _evaluate_or_refuse(text: str, registry: Registry) -> None:
    try:
        made = evaluate(text, registry)
    except (RefusedError, ExpressionSyntaxError) as error:
        assert error.message
    else:
        assert not isinstance(made, type)


@pytest.mark.sweep
def test_evaluation_never_raises_anything_else(registry: Registry) -> None:
    for layer in registry:
        for text in (f"{layer.id}()", f"{layer.id}(b'\\xff' * 9)", f"Raw()/{layer.id}(x=1)"):
            try:
                assert isinstance(evaluate(text, registry), Packet)
            except ScapyServerError as error:
                assert error.message


DOCUMENT = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()


def test_the_examples_of_the_document_are_expressions(value: Evaluate) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    examples = [line for block in blocks for line in block.splitlines()]
    in_tables = re.findall(r"^\|.*\| (`.*`) \|$", DOCUMENT, re.MULTILINE)
    examples += [example for cell in in_tables for example in re.findall(r"`(.*?)`", cell)]
    assert len(examples) > 20
    for example in examples:
        value(example)


def test_the_errors_of_the_document_are_real(value: Evaluate) -> None:
    (block,) = re.findall(r"```text\n(.*?)```", DOCUMENT, re.DOTALL)
    for text, expected in zip(
        ("Ether()/IPP()", "IP(ttl=300)", "IP("), block.splitlines(), strict=True
    ):
        with pytest.raises(ScapyServerError) as caught:
            value(text)
        assert caught.value.message == expected


def test_the_document_names_every_bound_and_constructor() -> None:
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+) ", DOCUMENT, re.MULTILINE))
    bounds = {
        name: str(int(bound))
        for name, bound in limits.all_limits()
        if name.startswith("EXPRESSION_") or name == "LAYERS"
    }
    assert documented == bounds
    for name in CONSTRUCTORS:
        assert f"`{name}`" in DOCUMENT or name.startswith("ASN1_")
