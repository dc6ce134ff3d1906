"""The house stands as it was drawn: imports point down only, without a cycle; files are small; public functions say their types."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent / "qa_audit"
FILES = sorted(ROOT.rglob("*.py"))
MAX_LINES = 400

STAGES = frozenset({"recordings", "speech", "audit", "scoring", "reports", "store", "workers"})
FLOORS = (
    {"__main__"},
    {"cli"},
    {"pipeline"},
    STAGES,
    {"rules"},
    {"what stages share"},
    {"config"},
    {"located", "plain"},
    {"models"},
    {"errors", "promises", "reconciled"},
)
"""From the roof down. Rooms on one floor do not know each other; any other single file is what stages share, and those may."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def module_of(file: Path) -> str:
    parts = ("qa_audit", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in FILES}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def room(module: str) -> str:
    """The folder or file right below the roof; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def floor(module: str) -> int:
    return FLOOR.get(room(module), FLOOR["what stages share"])


def imports(module: str, *, at_load: bool = False) -> Iterator[str]:
    """Modules of ours that a module imports; `at_load` leaves out what is imported inside functions or for types only."""
    for node in at_load_nodes(tree(module).body) if at_load else ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "qa_audit":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def at_load_nodes(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from at_load_nodes(getattr(node, part, []))


def test_every_folder_has_its_floor():
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert folders <= set(FLOOR)
    assert len(MODULES) > 100


def test_imports_point_down_only():
    wrong = []
    for module in MODULES:
        for other in imports(module):
            apart = room(other) and room(other) != room(module)
            level = floor(other) == floor(module) and floor(module) not in {FLOOR["what stages share"], FLOOR["plain"]}
            if apart and (floor(other) < floor(module) or level):
                wrong.append(f"{module} imports {other}")
    assert not wrong


def test_no_module_waits_for_itself():
    # a package's front imports its rooms; the rooms import each other by name, not through the front
    graph = {m: {other for other in imports(m, at_load=True) if other != m and not m.startswith(f"{other}.")} for m in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_files_are_small():
    lines = {module: file.read_text(encoding="utf-8").count("\n") for module, file in MODULES.items()}
    assert {module: count for module, count in lines.items() if count > MAX_LINES} == {}


def test_every_file_says_what_it_is():
    silent = [module for module, file in MODULES.items() if file.stat().st_size and not ast.get_docstring(tree(module))]
    assert not silent


def test_public_functions_say_their_types():
    silent = []
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if node.returns is None or any(a.annotation is None for a in arguments if a.arg not in {"self", "cls"}):
                    silent.append(f"{module}.{node.name}")
    assert not silent


def test_only_the_door_prints():
    printing = []
    for module in MODULES:
        calls = (node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call))
        if room(module) != "cli" and any(isinstance(call, ast.Name) and call.id == "print" for call in calls):
            printing.append(module)
    assert not printing
