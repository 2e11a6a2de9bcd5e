"""python -m bench [NAME or all] [--json] [--quick] [--save]"""

import argparse
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from rich.console import Console

import bench
from bench.report import as_json, save, show


def main(arguments: Sequence[str] | None = None) -> int:
    """0: measured (goals met or missed); 1: of all, some could not be; 2: no such bench."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Sandwatch against its goals."
    )
    parser.add_argument("name", nargs="?", help="which bench, or all; none lists them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--quick", action="store_true", help="fewer repetitions: a smoke test, not a measurement"
    )
    parser.add_argument("--save", action="store_true", help="keep it as bench/results/NAME.json")
    options = parser.parse_args(arguments)
    if options.name is None:
        for module in benches():
            print(f"{_name(module):12} {module.QUESTION}")
        return 0
    if options.name == "all":
        return _all(sys.argv[1:] if arguments is None else arguments)
    return _run(options.name, options)


def benches() -> Iterator[ModuleType]:
    """The modules beside this one that are benches; the others help them."""
    for found in pkgutil.iter_modules(bench.__path__):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"bench.{found.name}")
            if hasattr(module, "QUESTION"):
                yield module


def _run(name: str, options: argparse.Namespace) -> int:
    module = _found(name)
    if module is None:
        known = ", ".join(map(_name, benches()))
        print(f"no bench {name!r}; there are: {known}", file=sys.stderr)
        return 2
    report = module.run(options.quick)
    text = as_json(name, module.QUESTION, report, quick=options.quick)
    if options.save:
        print(f"kept: {save(name, text)}", file=sys.stderr)
    if options.json:
        print(text)
    else:
        show(name, module.QUESTION, report, Console())
    return 0


def _all(arguments: Sequence[str]) -> int:
    """One after the other, each in a process of its own: none leaves threads or memory to the next."""
    options = [each for each in arguments if each != "all"]
    names = [_name(module) for module in benches()]
    failed = [
        name
        for name in names
        if subprocess.run((sys.executable, "-m", "bench", name, *options), check=False).returncode
    ]
    if failed:
        print(f"could not be measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _found(name: str) -> ModuleType | None:
    """Without importing the others."""
    if not any(found.name == name for found in pkgutil.iter_modules(bench.__path__)):
        return None
    module = importlib.import_module(f"bench.{name}")
    return module if hasattr(module, "QUESTION") else None


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


if __name__ == "__main__":
    sys.exit(main())
