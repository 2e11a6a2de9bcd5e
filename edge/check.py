"""What `sandwatch check FILE` says."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from edge.land.checked import trials
from edge.plan import plan
from edge.settings.finding import Finding, Level, SettingsError, in_order
from edge.settings.loader import load
from edge.settings.model import Site
from streams.problem import Language, Text


def examine(path: Path, environ: Mapping[str, str] = os.environ) -> tuple[Site | None, tuple[Finding, ...]]:
    """The site, or None where it has an error, and every finding in the order of the file."""
    try:
        loaded = load(path, environ)
    except SettingsError as error:
        return None, error.findings
    try:
        plan(loaded)
    except SettingsError as error:
        return None, in_order([*loaded.warnings, *error.findings])
    tried = in_order([*loaded.warnings, *trials(loaded)])
    failed = any(finding.level is Level.ERROR for finding in tried)
    return None if failed else loaded.site, tried


def report(
    path: Path, language: Language = "en", environ: Mapping[str, str] = os.environ
) -> tuple[list[str], int]:
    """One line per finding, then a summary; and the exit code: 0 when the site can be run, 1 when not."""
    site, findings = examine(path, environ)
    lines = [finding.say(language) for finding in findings]
    return [*lines, f"{path}: {_summary(site, findings).say(language)}"], 0 if site is not None else 1


def findings_as_json(findings: Iterable[Finding]) -> str:
    """A JSON list, one object per finding: file, line, column, path, level, en, zh."""
    return json.dumps([_as_dict(finding) for finding in findings], ensure_ascii=False, indent=2)


def _as_dict(finding: Finding) -> dict[str, str | int]:
    return {
        "file": finding.file,
        "line": finding.mark.line,
        "column": finding.mark.column,
        "path": finding.path,
        "level": finding.level.value,
        "en": finding.message.en,
        "zh": finding.message.zh,
    }


def _summary(site: Site | None, findings: Iterable[Finding]) -> Text:
    levels = [finding.level for finding in findings]
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARNING)
    beside = Text(f", {_count(warnings, 'warning')}", f"，{warnings} 个警告") if warnings else Text("", "")
    if site is None:
        return Text(f"{_count(errors, 'error')}{beside.en}", f"{errors} 个错误{beside.zh}")
    streams, rules = len(site.streams), sum(len(stream.rules) for stream in site.streams)
    return Text(
        f"ok: {_count(streams, 'stream')}, {_count(rules, 'rule')}{beside.en}",
        f"正确：{streams} 路视频，{rules} 条规则{beside.zh}",
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
