"""The shape of the source: short modules and functions, small folders, no cycle of imports, unique class names."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[1] / "src"
GENERATED = {"laurels.client.types", "laurels.client.sync_client", "laurels.client.async_client"}
LINES_OF_A_MODULE = 400
LINES_OF_A_FUNCTION = 60
PARAMETERS = 7
MODULES_OF_A_FOLDER = 20

Graph = Mapping[str, set[str]]


class Module(NamedTuple):
    name: str
    is_package: bool
    lines: int
    tree: ast.Module

    @property
    def folder(self) -> str:
        """Modules at the top are rooms of their own."""
        folder = self.name if self.is_package else self.name.rpartition(".")[0]
        return self.name if folder == "laurels" else folder


class Function(NamedTuple):
    name: str
    lines: int
    parameters: int


@cache
def modules() -> dict[str, Module]:
    found = {}
    for path in sorted((SOURCE / "laurels").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        if name not in GENERATED:
            text = path.read_text()
            found[name] = Module(name, is_package, len(text.splitlines()), ast.parse(text))
    return found


def functions() -> Iterator[Function]:
    for module in modules().values():
        yield from _functions_in(module.tree, module.name)


def _functions_in(node: ast.AST, path: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{path}.{child.name}"
            yield Function(name, (child.end_lineno or child.lineno) - child.lineno + 1, _parameters(child.args))
            yield from _functions_in(child, name)
        else:
            yield from _functions_in(child, f"{path}.{child.name}" if isinstance(child, ast.ClassDef) else path)


def _parameters(arguments: ast.arguments) -> int:
    named = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
    return named + (arguments.vararg is not None) + (arguments.kwarg is not None)


def class_names() -> dict[str, list[str]]:
    """The modules of each class by its name, without a leading underscore."""
    names: dict[str, list[str]] = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                names.setdefault(node.name.lstrip("_"), []).append(module.name)
    return names


def imports(module: Module) -> set[str]:
    """The modules of ours that it imports anywhere, also for types alone."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in modules()}
        elif isinstance(node, ast.ImportFrom) and node.module in modules():
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in whole}
    return found - {module.name}


def of_files() -> Graph:
    return {module.name: imports(module) for module in modules().values()}


def of_folders() -> Graph:
    graph: dict[str, set[str]] = {}
    for name, imported in of_files().items():
        folder = modules()[name].folder
        graph.setdefault(folder, set()).update({modules()[each].folder for each in imported} - {folder})
    return graph


def cycles(graph: Graph) -> list[list[str]]:
    """The strongly connected parts with more than one node, by the algorithm of Kosaraju and Sharir."""
    order: list[str] = []
    _visit_all(graph, list(graph), order)
    reverse: dict[str, set[str]] = {node: set() for node in graph}
    for node, targets in graph.items():
        for target in targets:
            reverse[target].add(node)
    parts: list[list[str]] = []
    seen: set[str] = set()
    for node in reversed(order):
        if node not in seen:
            part: list[str] = []
            _visit(reverse, node, seen, part)
            parts.append(sorted(part))
    return [part for part in parts if len(part) > 1]


def _visit_all(graph: Graph, nodes: list[str], order: list[str]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node not in seen:
            _visit(graph, node, seen, order)


def _visit(graph: Graph, start: str, seen: set[str], order: list[str]) -> None:
    """Depth first; `order` gets the nodes as they are left."""
    seen.add(start)
    way = [(start, iter(sorted(graph[start])))]
    while way:
        node, targets = way[-1]
        target = next((each for each in targets if each not in seen), None)
        if target is None:
            way.pop()
            order.append(node)
        else:
            seen.add(target)
            way.append((target, iter(sorted(graph[target]))))


def test_the_algorithm_finds_cycles() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_modules_are_short() -> None:
    assert not {module.name for module in modules().values() if module.lines > LINES_OF_A_MODULE}


def test_functions_are_short() -> None:
    assert not {function.name for function in functions() if function.lines > LINES_OF_A_FUNCTION}


def test_functions_have_few_parameters() -> None:
    assert not {function.name for function in functions() if function.parameters > PARAMETERS}


def test_folders_are_small() -> None:
    by_folder: dict[str, int] = {}
    for module in modules().values():
        if not module.is_package:
            by_folder[module.folder] = by_folder.get(module.folder, 0) + 1
    assert not {folder for folder, count in by_folder.items() if count > MODULES_OF_A_FOLDER}


def test_files_import_one_another_in_no_circle() -> None:
    assert not cycles(of_files())


def test_folders_import_one_another_in_no_circle() -> None:
    assert not cycles(of_folders())


def test_no_two_classes_share_a_name() -> None:
    assert not {name: module_names for name, module_names in class_names().items() if len(module_names) > 1}
