from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_instructions_as_words_and_as_json(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 value_list='[1, 2]'")
    added = pipe.run(
        'fe add {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl", "pkt_offset": "IP.ttl"}}'
    )
    assert added.splitlines() == [
        "  0 STLVmFlowVar name=ttl size=1 value_list='[1, 2]'",
        "  1 STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl",
    ]
    program = pipe.session.document.program
    assert program.instructions[0]["parameters"]["value_list"] == {
        "vtype": "EXPRESSION",
        "expr": "[1, 2]",
    }
    assert program.global_parameters == {}  # nothing that nobody asked for
    pipe.run("set IP.ttl 9")
    assert pipe.session.document.program == program  # changes keep the program


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fe add", "add which instruction"),
        ("fe add name=x", "add which instruction"),
        ("fe add STLVmFlowVar name", "'name' is not a parameter"),
        ("fe add STLVmFlowVar name='x", "no closing quotation"),
        ('fe add {"parameters": {}}', 'an instruction has an "id"'),
        ('fe add {"id": "x", "parameters": 5}', 'an instruction has an "id"'),
        ("fe add STLVmFoo", "instruction 1 (STLVmFoo): there is no instruction"),
        ("fe add STLVmFlowVar name=y size=3", "instruction 1 (STLVmFlowVar), parameter size: 3"),
        ("fe add STLVmFlowVar name=y min_valu=3", 'did you mean "min_value"'),
        (
            "fe add STLVmWrFlowVar fv_name=x pkt_offset=IP.nope",
            "instruction 1 (STLVmWrFlowVar), parameter pkt_offset: ",
        ),
    ],
)
def test_what_is_wrong_is_not_added(pipe: Pipe, line: str, said: str) -> None:
    pipe.run("build Ether()/IP()/UDP()", "fe add STLVmFlowVar name=x size=1")
    assert said in pipe.fail(line)
    assert len(pipe.session.document.program.instructions) == 1


def test_there_is_a_packet_to_vary(pipe: Pipe) -> None:
    assert "there is no packet" in pipe.fail("fe add STLVmFlowVar name=x")
