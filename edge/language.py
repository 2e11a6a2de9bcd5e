"""Which of our two languages the person at the terminal reads."""

import os
from collections.abc import Mapping

from streams.problem import Language


def chosen(environment: Mapping[str, str] = os.environ) -> Language:
    """From LC_ALL, LC_MESSAGES, LANG in POSIX order (IEEE Std 1003.1, 8.2): zh* is Chinese, the rest English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
