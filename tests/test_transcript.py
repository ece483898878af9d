from __future__ import annotations

import pytest

from tests.transcript import Command, File, Program, matches, steps

PAGE = """\
Text

```console
$ serve &
Started
$ talk <<'END'
hello
END
hello …
```

```json title="a.json"
{}
```

```python
print(5)
```

prints

```
5
```
"""


def test_the_steps_of_a_page() -> None:
    assert list(steps(PAGE)) == [
        Command("serve &", "Started\n"),
        Command("talk <<'END'\nhello\nEND", "hello …\n"),
        File("a.json", "{}\n"),
        Program("print(5)\n", "5\n"),
    ]
    assert [step.stays for step in steps(PAGE) if isinstance(step, Command)] == [True, False]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\n", "a  \n", True),
        ("a\n…\nd", "a\nb\nc\nd\n", True),
        ("a … c", "a b c", True),
        ("a.c", "abc", False),
        ("a", "a\nb", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_what_is_left_out(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
