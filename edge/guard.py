"""What has to be so before anything else is done: our packages are ours, and no crash writes secrets to disk."""

import os
import resource
from importlib.metadata import packages_distributions

from streams.problem import Problem, Text

OURS = ("edge", "streams", "inference", "relay")
DISTRIBUTION = "sandwatch"


def keep_private() -> None:
    """Of this process and those it starts: no file that others may read, and no core, which would hold cameras' passwords.
    Beside a limit of 0 the kernel writes a core to a pipe all the same; 1 byte stops both (Linux, fs/coredump.c)."""
    os.umask(0o077)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 0 if hard == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def collision() -> Problem | None:
    """A Problem that names the distributions which also claim one of our packages; None where none does."""
    installed = packages_distributions()
    foreign = {
        package: sorted(others)
        for package in OURS
        if (others := set(installed.get(package, [])) - {DISTRIBUTION})
    }
    if not foreign:
        return None
    named = ", ".join(f"{package}: {', '.join(others)}" for package, others in foreign.items())
    return Problem(
        "install.collision",
        Text(
            f"other packages in this Python environment overwrite parts of sandwatch ({named})",
            f"本 Python 环境中有其他软件包覆盖了 sandwatch 的部分内容（{named}）",
        ),
        Text(
            "install sandwatch in a virtual environment of its own",
            "请把 sandwatch 安装在独立的虚拟环境中",
        ),
    )
