"""Our four top-level packages must be ours: another distribution may install an `inference` of its own."""

from importlib.metadata import packages_distributions

from streams.problem import Problem, Text

OURS = ("edge", "streams", "inference", "relay")
DISTRIBUTION = "sandwatch"


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
