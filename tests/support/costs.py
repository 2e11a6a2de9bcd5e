"""A function in a process of its own: what it says, and what it costs."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_LIMIT = 300  # s
# VmHWM (proc(5)) and not ru_maxrss, which begins with that of the process that started this one (getrusage(2)).
_SHELL = """
import importlib, json, re, sys, time
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
module, name, words = json.loads(sys.argv[1])
work = getattr(importlib.import_module(module), name)
work(*words[0])
idle, began = peak(), time.process_time()
said = work(*words[1])
print(json.dumps([said, time.process_time() - began, (peak() - idle) / 1024]))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """seconds: of CPU, which a busy machine does not stretch; megabytes: more than before, at the most."""

    said: Any
    seconds: float
    megabytes: float


def cost(module: str, name: str, harmless: list[str], words: list[str]) -> Cost:
    """Of name(*words) after name(*harmless), which loads what is needed. Fails where the process dies or hangs."""
    command = [sys.executable, "-c", _SHELL, json.dumps([module, name, [harmless, words]])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT)
    assert done.returncode == 0, done.stderr[-3000:]
    return Cost(*json.loads(done.stdout.splitlines()[-1]))
