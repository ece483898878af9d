"""The code keeps to the plan of its packages: who may import whom, and what nobody may do."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
TESTS = ROOT / "tests"
PACKAGE = "scapy_server"

GROUND = {
    "errors",
    "limits",
    "release",
    "wording",
    "numbers",
    "addresses",
    "naming",
    "extras",
    "work",
    "private_files",
    "whole_files",
    "schema",
    "shapes",
}
_PACKET_FLOOR = {
    "packet.layers",
    "packet.values",
    "packet.frames",
    "packet.expressions",
    "packet.models",
    "packet.tree",
}

#: What each room (a package, or a module that stands alone) may import besides itself.
MAY_IMPORT: Mapping[str, set[str]] = {
    "errors": set(),
    "work": {"errors", "limits"},
    "release": set(),
    "limits": {"errors"},
    "wording": {"errors", "work"},
    "numbers": set(),
    "addresses": {"errors"},
    "naming": {"numbers"},
    "extras": {"errors"},
    "schema": {"errors"},
    "shapes": {"errors", "wording"},
    "private_files": set(),
    "whole_files": {"errors"},
    "captures": GROUND,
    "packet": _PACKET_FLOOR | {"packet.edits", "captures"} | GROUND,
    "packet.edits": (_PACKET_FLOOR - {"packet.expressions"}) | GROUND,
    "packet.layers": GROUND,
    "packet.loading": {"packet.layers", "packet.frames"} | GROUND,
    "packet.values": {"packet.layers"} | GROUND,
    "packet.models": {"packet.layers", "packet.values", "packet.expressions"} | GROUND,
    "packet.frames": {"packet.layers"} | GROUND,
    "packet.expressions": {"packet.layers", "packet.values", "packet.frames"} | GROUND,
    "packet.tree": {"packet.layers", "packet.values", "packet.frames", "packet.expressions"}
    | GROUND,
    "packet.plans": (_PACKET_FLOOR - {"packet.values", "packet.expressions"})
    | {"packet", "packet.plans.layers", "captures"}
    | GROUND,
    "packet.plans.layers": (
        _PACKET_FLOOR - {"packet.values", "packet.expressions", "packet.models"}
    )
    | {"packet.plans"}
    | GROUND,
    "catalog": {"packet.layers"} | GROUND,
    "engine": {"engine.variables", "captures"} | GROUND,
    "engine.variables": {"engine"} | GROUND,
    "programs": {"programs.instructions", "programs.warnings", "engine", "packet.frames"} | GROUND,
    "programs.instructions": {"programs", "engine", "packet.frames"} | GROUND,
    "programs.warnings": {"programs", "programs.instructions", "engine", "packet.frames"} | GROUND,
    "streams": {"streams.schedule", "engine", "engine.variables", "captures"} | GROUND,
    "streams.schedule": {"streams"} | GROUND,
    "streams.documents": {"streams", "captures"} | GROUND,
    "streams.sources": {
        "streams",
        "streams.documents",
        "programs",
        "engine",
        "catalog",
        "captures",
        "packet",
        "packet.loading",
        "packet.expressions",
        "packet.frames",
        "packet.layers",
        "packet.models",
    }
    | GROUND,
    "rpc": GROUND,
    "services": set(),
    "services.packets": {
        "rpc",
        "captures",
        "services.packets.methods",
        "catalog",
        "packet",
        "packet.loading",
        "packet.plans",
        "packet.layers",
    }
    | GROUND,
    "services.packets.methods": {
        "rpc",
        "services.packets",
        "programs",
        "engine",
        "catalog",
        "streams",
        "streams.schedule",
        "streams.sources",
        "captures",
        "packet",
        "packet.frames",
        "packet.models",
        "packet.tree",
    }
    | GROUND,
    "services.ports.requests": {"streams"} | GROUND,
    "services.ports.frames": GROUND,
    "services.ports.statistics": {"services.ports.frames"} | GROUND,
    "services.ports.plane": {
        "captures",
        "services.ports.frames",
        "services.ports.statistics",
        "streams",
        "streams.schedule",
        "engine",
    }
    | GROUND,
    "services.ports.wire": {"services.ports.plane"} | GROUND,
    "services.ports.kinds": {
        "services.ports.wire",
        "services.ports.plane",
        "streams.schedule",
        "captures",
        "engine",
    }
    | GROUND,
    "services.ports.state": {
        "services.ports.requests",
        "services.ports.plane",
        "services.ports.frames",
        "streams",
    }
    | GROUND,
    "services.ports": {
        "services.ports.requests",
        "services.ports.state",
        "services.ports.plane",
        "streams",
    }
    | GROUND,
    "services.ports.process": {
        "process",
        "services.ports.plane",
        "services.ports.kinds",
    }
    | GROUND,
    "services.ports.methods": {
        "services.ports",
        "services.ports.requests",
        "services.ports.state",
        "services.ports.plane",
        "services.ports.kinds",
        "streams",
        "captures",
        "engine",
    }
    | GROUND,
    "process": set(),
    "transport": {"process", "rpc", "transport.zmtp"} | GROUND,
    "transport.zmtp": set(),
    "workers": {"process", "rpc", "transport"} | GROUND,
    "server": {
        "process",
        "transport",
        "transport.zmtp",
        "workers",
        "services.packets",
        "services.packets.methods",
        "rpc",
    }
    | GROUND,
    "server.ports": {
        "process",
        "rpc",
        "server",
        "transport",
        "services.ports",
        "services.ports.requests",
        "services.ports.state",
        "services.ports.methods",
        "services.ports.plane",
        "services.ports.kinds",
        "services.ports.process",
    }
    | GROUND,
    "client": GROUND,
    "desk": {"desk.past", "captures", "streams", "streams.documents"} | GROUND,
    "desk.past": {"desk", "captures"} | GROUND,
    "console": {"desk", "client"} | GROUND,
    "console.commands": {
        "console",
        "console.commands.fe",
        "console.commands.known",
        "console.commands.ports",
        "desk",
        "client",
    }
    | GROUND,
    "console.commands.known": {"console", "desk", "client"} | GROUND,
    "console.commands.fe": {"console", "desk"} | GROUND,
    "console.commands.ports": {"console", "desk", "client", "streams", "streams.documents"}
    | GROUND,
    "web": {
        "web.panes",
        "web.panes.packets",
        "web.panes.stream",
        "desk",
        "desk.past",
        "client",
        "captures",
    }
    | GROUND,
    "web.panes": {"web", "desk", "client"} | GROUND,
    "web.panes.packets": {"web", "web.panes", "desk", "client"} | GROUND,
    "web.panes.stream": {"web", "web.panes", "desk", "client", "captures"} | GROUND,
    "batch": {
        "captures",
        "catalog",
        "desk",
        "packet",
        "packet.frames",
        "packet.layers",
        "packet.models",
        "packet.tree",
        "packet.values",
        "rpc",
        "services.packets",
    }
    | GROUND,
    "cli.packets": {"cli", "batch", "console", "desk", "services.packets"} | GROUND,
    "cli.streams": {
        "cli",
        "streams",
        "streams.documents",
        "streams.schedule",
        "streams.sources",
        "engine",
        "captures",
        "packet.frames",
        "packet.tree",
        "process",
        "programs",
    }
    | GROUND,
    "cli": {
        "catalog",
        "cli.packets",
        "cli.streams",
        "desk",
        "process",
        "transport",
        "server",
        "server.ports",
        "services.packets",
        "services.ports.plane",
        "client",
        "console",
        "console.commands",
        "web",
    }
    | GROUND,
    "__main__": {"cli"},
    "__init__": {"client", "release"},
    "scapy_zmq_server": {"cli", "server", "release"},
    "scapy_zmq_client": {"client", "release"},
    "scapy_service": {"services.packets", "errors"},
}

#: Libraries of which the rest of the code is to know nothing, and who may import them.
KEPT_TO: Mapping[str, set[str]] = {
    "scapy": {"packet"},
    "zmq": {"transport", "client"},
    "typer": {"cli"},
    "rich": {"cli", "console"},
    "prompt_toolkit": {"console"},
    "numpy": {"engine", "captures", "streams", "services", "cli"},
    "cypcap": {"captures"},
    "distributed": {"batch"},
    "prometheus_client": {"server"},
    "nacl": {"transport"},
    "nicegui": {"web"},
    "yaml": {"streams"},
    "trex": {"streams"},
    "lbr_trex_client": {"streams"},
}

FORBIDDEN_MODULES = {
    "ctypes": "it reaches into the process",
    "marshal": "it turns bytes into code",
    "pickle": "it turns bytes into code",
    "shelve": "it turns bytes into code",
    "runpy": "it runs files",
    "code": "it runs text",
}
#: Except that the kernel is told by a C call what is to become of a worker without a parent.
MAY_USE: Mapping[str, set[str]] = {"process/kernel": {"ctypes"}}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}

#: Who may print: those whose output is for the person at the terminal.
MAY_PRINT = {"cli", "scapy_zmq_server", "scapy_zmq_client", "scapy_service"}

#: Who may import by name: the modules of Scapy, once at start.
MAY_IMPORT_BY_NAME = {SOURCES / PACKAGE / "packet" / "loading" / "modules.py"}

#: The list below may only become shorter.
MOST_UNTESTED = 18

#: Source files without a test file of their own, and why.
UNTESTED: Mapping[str, str] = {
    "__init__": "hands the client on; tests/test_doors.py uses it",
    "__main__": "one line; tests/cli/test_app.py runs it",
    "transport/backend": "types; tests/transport/test_in_process.py checks one that is it",
    "rpc/dialect": "types; tests/rpc/test_dispatcher.py speaks one",
    "server/errors": "tests/server/test_service.py sees each of them",
    "server/supervisor": "tests/server/test_faults.py kills the fronts that it forks",
    "transport/codec": "types; tests/transport/test_front.py has texts that are frames",
    "services/packets/method": "types; tests/services/packets/test_table.py reads them",
    "workers/keeper": "tests/server/test_faults.py kills what it keeps",
    "workers/zygote": "tests/server/test_faults.py has it fork, and kills it",
    "engine/bounds": "numbers; tests/engine/test_rules.py goes by them",
    "web/application": "tests/web/test_editor.py and test_browser.py tell stories of all panes",
    "desk/errors": "a class; every refusal of the desk is one",
    "services/ports/link": "types; tests/services/ports/rig.py is one",
    "services/ports/method": "types; tests/services/ports/test_control.py calls every method",
    "services/ports/plane/commands": "types; tests/services/ports/methods sends all of them",
    "services/ports/kinds/rings": "tests/services/ports/kinds/test_veth.py sends and receives",
    "services/ports/kinds/interface": "tests/services/ports/kinds/test_veth.py opens some",
}

#: Test files of packages that look across all of it.
ACROSS = {
    "web/test_browser.py",
    "web/test_counts.py",
    "web/test_roles.py",
    "web/test_first_server.py",
    "console/test_commands.py",
    "console/test_terminal.py",
    "engine/test_oracle.py",
    "programs/test_oracle.py",
    "programs/warnings/test_warnings.py",
    "packet/test_any_model.py",
    "packet/test_properties.py",
    "packet/test_round_trip.py",
    "services/ports/kinds/test_veth.py",
    "packet/test_stored_documents.py",
    "services/ports/kinds/test_recordings.py",
    "server/ports/test_console.py",
    "server/test_defects.py",
    "server/test_attacks.py",
    "server/test_faults.py",
}

FILES = sorted(SOURCES.rglob("*.py"))

#: More modules than this, beside `__init__.py`, are a folder to divide.
MODULES_IN_A_FOLDER = 24


def room_of(path: Path) -> str:
    """The room that a source file belongs to, as `MAY_IMPORT` names it."""
    parts = path.relative_to(SOURCES).with_suffix("").parts
    if parts[0] != PACKAGE or len(parts) == 2:
        return parts[-1]
    return ".".join(parts[1:-1])


def floor_of(path: Path) -> str:
    """The top-level package of a source file, which rules about libraries speak of."""
    return room_of(path).partition(".")[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCES).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def name_of(path: Path) -> str:
    """How the tables here name a file: from the package on, without `.py`."""
    return str(path.relative_to(SOURCES).with_suffix("")).removeprefix(f"{PACKAGE}/")


#: Every module, and every package as its own name, with its file.
MODULES = {module_of(path): path for path in FILES}


def module_in(name: str) -> str | None:
    """The module of ours that a full name is, or is something in; None for those of others."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


@dataclass(frozen=True)
class Said:
    """What the tests here ask of a source file; its tree is large, and let go of."""

    #: The full names of what is imported, in functions and for type checkers too.
    imports: frozenset[str]
    #: The full names of what some run of the file imports, in functions too.
    run_imports: frozenset[str]
    #: The names that are called as functions, with their lines.
    calls: tuple[tuple[str, int], ...]
    docstring: str | None


@cache
def said_by(path: Path) -> Said:
    tree = ast.parse(path.read_text(), str(path))
    run = list(_run(tree))
    everywhere = list(ast.walk(tree))
    return Said(
        imports=frozenset(_imported(everywhere)),
        run_imports=frozenset(_imported(run)),
        calls=tuple(_called(everywhere)),
        docstring=ast.get_docstring(tree),
    )


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for each in nodes:
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            assert each.level == 0, "imports are absolute"
            assert each.module is not None
            yield from (f"{each.module}.{alias.name}" for alias in each.names)


def _called(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for each in nodes:
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            yield each.func.id, each.lineno


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        ahead.extend(ast.iter_child_nodes(node))


def test_imports_only_lead_downwards() -> None:
    wrong = []
    for path in FILES:
        room = room_of(path)
        for name in said_by(path).imports:
            module = module_in(name)
            if module is not None and room_of(MODULES[module]) not in MAY_IMPORT[room] | {room}:
                wrong.append(f"{name_of(path)} imports {name}")
    assert wrong == []


def test_libraries_are_kept_to_their_rooms() -> None:
    wrong = []
    for path in FILES:
        floor = floor_of(path)
        for name in said_by(path).imports:
            top = name.partition(".")[0]
            if floor not in KEPT_TO.get(top, {floor}):
                wrong.append(f"{name_of(path)} imports {name}")
            if top in FORBIDDEN_MODULES and top not in MAY_USE.get(name_of(path), set()):
                wrong.append(f"{name_of(path)} imports {name}: {FORBIDDEN_MODULES[top]}")
    assert wrong == []


def test_the_rooms_stand_one_above_the_other() -> None:
    """There is an order of all rooms in which each imports only what stands before it.

    A package and the rooms in it that it imports are built together: what these import of
    their own package is no step upwards, as between its modules there is no circle either.
    """
    order = {
        room: {
            other
            for other in below
            if not (room.startswith(f"{other}.") and room in MAY_IMPORT[other])
        }
        for room, below in MAY_IMPORT.items()
    }
    assert set(order) >= {room_of(path) for path in FILES}
    TopologicalSorter(order).prepare()  # raises CycleError


#: Modules that stand alone and lead to others: nobody imports them.
DOORS = {"__main__", "__init__", "scapy_zmq_server", "scapy_zmq_client", "scapy_service"}


def house_of(room: str) -> str:
    """The row of a room in CONTRIBUTING.md."""
    parts = room.split(".")
    return "/".join(parts[: 2 if parts[0] == "services" else 1])


def test_contributing_shows_the_map() -> None:
    """Row by row what the rooms of a house may import, each only from rows below its own."""
    arrows: dict[str, set[str]] = {}
    for room in MAY_IMPORT.keys() - GROUND - DOORS - {"services"}:
        below = {house_of(other) for other in MAY_IMPORT[room] - GROUND}
        arrows.setdefault(house_of(room), set()).update(below - {house_of(room)})
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| `([\w/]+)` \|((?: `[\w/]+`,?)*) \| .* \|$", text, re.MULTILINE)
    shown = {house: set(re.findall(r"`([\w/]+)`", below)) for house, below in rows}
    assert shown == arrows
    houses = [house for house, _ in rows]
    for number, house in enumerate(houses):
        assert shown[house] <= set(houses[number:]), house
    ground = text.partition("and the ground:")[2].partition(".\n")[0]
    assert set(re.findall(r"`(\w+)`", ground)) == GROUND


def test_what_contributing_names_exists() -> None:
    """Each path in the table of what to touch, and each module that is to be run."""
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("| To add … | touch |")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 10
    missing = []
    for named in re.findall(r"`([^`]+)`", "\n".join(rows)):
        paths = re.findall(r"python -m ([\w.]+)", named)
        found = [ROOT / f"{path.replace('.', '/')}.py" for path in paths]
        if re.fullmatch(r"[\w./-]+", named) and ("/" in named or "." in named[1:]):
            found.append(first_of(named))
        missing += [str(path) for path in found if not path.exists()]
    assert missing == []


def first_of(named: str) -> Path:
    """The place that a path means: in the repository, in the package, or in each service."""
    places = [ROOT / named, SOURCES / PACKAGE / named, TESTS / named]
    places += sorted((SOURCES / PACKAGE / "services").glob(f"*/{named}"))
    places += sorted((SOURCES / PACKAGE).glob(f"**/{named}"))
    return next((place for place in places if place.exists()), ROOT / named)


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Nor by an import that stands in a function, which would only hide the circle."""
    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        found = {module_in(name) for name in said_by(path).run_imports}
        graph[module] = {
            each
            for each in found
            if each is not None and each != module and not module.startswith(f"{each}.")
        }
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_what_is_allowed_is_needed() -> None:
    """An arrow that no import goes along any more is taken off the map; the ground is all's."""
    used: dict[str, set[str]] = {room: set() for room in MAY_IMPORT}
    for path in FILES:
        modules = {module_in(name) for name in said_by(path).imports}
        used[room_of(path)] |= {room_of(MODULES[each]) for each in modules if each is not None}
    idle = {room: below - used[room] - GROUND for room, below in MAY_IMPORT.items()}
    assert {room: below for room, below in idle.items() if below} == {}


def test_no_folder_is_one_to_divide() -> None:
    count = Counter(path.parent for path in FILES if path.name != "__init__.py")
    assert {folder: n for folder, n in count.items() if n > MODULES_IN_A_FOLDER} == {}


def test_nothing_runs_text_as_code() -> None:
    wrong = []
    for path in FILES:
        for called, line in said_by(path).calls:
            prints = called == "print" and floor_of(path) not in MAY_PRINT
            if called in FORBIDDEN_CALLS or prints:
                wrong.append(f"{name_of(path)}, line {line}: {called}()")
    assert wrong == []


def test_only_the_loading_of_scapy_imports_by_name() -> None:
    by_name = {path for path in FILES if "import_module" in path.read_text()}
    assert by_name == MAY_IMPORT_BY_NAME


def test_every_file_says_what_it_is() -> None:
    assert [name_of(path) for path in FILES if not said_by(path).docstring] == []


def expected_test(path: Path) -> Path:
    relative = path.relative_to(SOURCES)
    if relative.parts[0] == PACKAGE:
        relative = Path(*relative.parts[1:])
    return TESTS / relative.with_name(f"test_{relative.name}")


def test_every_source_file_has_its_test_file() -> None:
    without = {
        str(path.relative_to(SOURCES / PACKAGE).with_suffix(""))
        for path in FILES
        if path.is_relative_to(SOURCES / PACKAGE)
        and not (path.name == "__init__.py" and path.parent != SOURCES / PACKAGE)
        and not expected_test(path).exists()
    }
    assert without == UNTESTED.keys()
    assert len(UNTESTED) <= MOST_UNTESTED


def test_every_test_file_of_a_package_has_its_source_file() -> None:
    alone = set()
    for path in sorted(TESTS.glob("*/**/test_*.py")):
        relative = path.relative_to(TESTS)
        source = SOURCES / PACKAGE / relative.with_name(relative.name.removeprefix("test_"))
        if not source.exists():
            alone.add(str(relative))
    assert alone == ACROSS
