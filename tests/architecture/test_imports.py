"""Who imports whom, where third parties live, and that importing does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.tree import CHECKOUT, module_name, shown, source_files

# Package -> the modules that may import it.
HOMES: dict[str, tuple[str, ...]] = {
    "pymongo": ("cdr.store",),
    "bson": ("cdr.store",),
    "mongoengine": ("cdr.store",),
    "fastapi": ("cdr.api", "cdr.console", "cdr.bootstrap"),
    "starlette": ("cdr.api", "cdr.console"),
    "uvicorn": ("cli.server",),
    "lxml": ("cdr.am", "cdr.terminology", "cdr.formats", "cdr.untrusted_xml", "cdr.services.receive"),
    "click": ("cli",),
    "rich": ("cli",),
    "httpx": ("cli", "cdr.terminology", "cdr.services.receive", "cdr.api.auth"),
    "re2": ("aql", "cdr.rm", "cdr.am", "cdr.validation", "cdr.formats"),
    "fiftyone": (),
}

# Runs in a fresh interpreter: import each module and refuse what is work rather than definition.
_IMPORT_ALL = """
import importlib, sys, threading

def refuse(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "socket.connect", "socket.bind", "os.mkdir", "os.remove"):
        raise RuntimeError(f"{event} at import")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise RuntimeError(f"open for writing at import: {arguments[0]}")

sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert threading.active_count() == 1, f"{name} starts a thread"
"""


def test_layers_only_import_downwards() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_importing_any_module_does_no_work() -> None:
    modules = [module_name(path) for path in source_files() if path.stem != "__main__"]
    answer = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", _IMPORT_ALL, *modules],
        cwd=CHECKOUT,
        env={"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("package", HOMES)
def test_third_parties_stay_in_their_home(package: str) -> None:
    strays = {
        shown(path)
        for path in source_files()
        if package in _imported(path) and not module_name(path).startswith(HOMES[package])
    }
    assert strays == set()


def test_only_the_configuration_reads_the_environment() -> None:
    readers = [
        shown(path)
        for path in source_files()
        if module_name(path) != "cdr.config" and _reads_environment(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert readers == []


@cache
def _imported(path: Path) -> frozenset[str]:
    """Return the top-level packages that a file imports, also inside functions and for type checking."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def _reads_environment(tree: ast.Module) -> bool:
    """Tell whether code mentions `os.environ` or `os.getenv`."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("environ", "environb", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(tree)
    )
