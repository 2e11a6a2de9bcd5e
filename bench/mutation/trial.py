"""The tests of a module against a broken one. The broken one is never written anywhere: a forked child of this process
imports it from memory, so that nothing has to be put back, and the working tree may be used meanwhile."""

import multiprocessing
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from types import CodeType, ModuleType

import pytest
from hypothesis import Phase, settings

_FORK = multiprocessing.get_context("fork")
# CPU s that a broken module may take on top of five times what the whole one takes: a loop that never ends has
_CPU = 10
_WALL = 180.0  # s: or waits for what never comes, on a machine that has other things to do
_MEMORY = (
    8 << 30
)  # bytes of address space: a list that never stops growing; threads' stacks are most of the rest


class Outcome(StrEnum):
    KILLED = "killed"
    ENDLESS = "endless"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Trial:
    """source: what stands in for the module of this file."""

    file: str
    tests: tuple[str, ...]
    source: str


class TestsFail(Exception):
    """Nothing can be learnt of a module whose tests fail, or are none."""


def whole(file: str, tests: tuple[str, ...]) -> float:
    """CPU s that the tests take against the module as it is. What they import of other people's packages is imported
    here, once for all trials. Raises TestsFail."""
    told, tell = _FORK.Pipe(duplex=False)
    trial = Trial(file, tests, Path(file).read_text("utf-8"))
    child = _FORK.Process(target=_reported, args=(trial, tell))
    child.start()
    code, seconds, imported = told.recv()
    child.join()
    if code != pytest.ExitCode.OK:
        raise TestsFail(f"{' '.join(tests)}: pytest ended with {code}")
    for name in imported:
        _preload(name)
    return float(seconds)


def outcomes(trials: Sequence[Trial], seconds: float, processes: int) -> Iterator[tuple[Trial, Outcome]]:
    """As they come. seconds: what `whole` said."""
    waiting = list(reversed(trials))
    going: dict[ForkProcess, tuple[Trial, float]] = {}
    while waiting or going:
        while waiting and len(going) < processes:
            trial = waiting.pop()
            child = _FORK.Process(target=_tried, args=(trial, seconds))
            child.start()
            going[child] = trial, monotonic() + _WALL
        wait([child.sentinel for child in going], timeout=1.0)
        for child, (trial, end) in list(going.items()):
            if child.exitcode is None and monotonic() > end:
                child.kill()
                child.join()
            if child.exitcode is not None:
                del going[child]
                yield trial, _outcome(child.exitcode)


def _outcome(code: int) -> Outcome:
    if code == pytest.ExitCode.OK:
        return Outcome.SURVIVED
    return Outcome.ENDLESS if code < 0 else Outcome.KILLED


def _preload(name: str) -> None:
    try:
        import_module(name)
    except ImportError:
        return  # it is made as it is imported, or not by its name; a trial does that again


def _reported(trial: Trial, tell: Connection) -> None:
    begun, before = process_time(), set(sys.modules)
    code = _run(trial)
    imported = [name for name, module in sys.modules.items() if name not in before and not _is_ours(module)]
    tell.send((code, process_time() - begun, imported))


def _is_ours(module: ModuleType) -> bool:
    """Of the working tree: perhaps the broken one, or one that imports it. An environment may lie in the tree."""
    file = Path(getattr(module, "__file__", None) or sys.prefix)
    return file.is_relative_to(Path.cwd()) and not file.is_relative_to(sys.prefix)


def _tried(trial: Trial, seconds: float) -> None:
    limit = _CPU + round(5 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    os._exit(_run(trial))  # whatever threads a broken module has left behind


def _run(trial: Trial) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    # The same examples for every mutant; tests/conftest.py goes on from here.
    settings.register_profile(
        "mutation", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutation")
    sys.meta_path.insert(0, _Finder(trial))
    with TemporaryDirectory(prefix="mutation-") as made:
        options = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", f"--basetemp={made}/tests")
        return int(pytest.main([*options, *trial.tests]))


class _Finder(MetaPathFinder):
    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._name = trial.file.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._trial.file, loader=_Loader(self._trial, fullname))


class _Loader(SourceFileLoader):
    def __init__(self, trial: Trial, name: str) -> None:
        super().__init__(name, str(Path(trial.file).absolute()))
        self._source = trial.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)
