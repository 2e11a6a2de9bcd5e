"""python -m bench [NAME] [--json] [--quick]"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from rich.console import Console

import bench
from bench.report import as_json, show


def main(arguments: Sequence[str] | None = None) -> int:
    """0: measured (goals met or missed); 2: no such bench."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Sandwatch against its goals."
    )
    parser.add_argument("name", nargs="?", help="which bench; none lists them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--quick", action="store_true", help="fewer repetitions: a smoke test, not a measurement"
    )
    options = parser.parse_args(arguments)
    if options.name is None:
        for module in benches():
            print(f"{_name(module):12} {module.QUESTION}")
        return 0
    return _run(options.name, json=options.json, quick=options.quick)


def benches() -> Iterator[ModuleType]:
    """The modules beside this one that are benches; the others help them."""
    for found in pkgutil.iter_modules(bench.__path__):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"bench.{found.name}")
            if hasattr(module, "QUESTION"):
                yield module


def _run(name: str, *, json: bool, quick: bool) -> int:
    module = next((module for module in benches() if _name(module) == name), None)
    if module is None:
        known = ", ".join(map(_name, benches()))
        print(f"no bench {name!r}; there are: {known}", file=sys.stderr)
        return 2
    report = module.run(quick)
    if json:
        print(as_json(name, module.QUESTION, report))
    else:
        show(name, module.QUESTION, report, Console())
    return 0


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


if __name__ == "__main__":
    sys.exit(main())
