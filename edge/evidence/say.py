"""An audit's result, for people and for machines."""

import json

from edge.evidence.findings import shown
from edge.evidence.report import Report
from streams.problem import Language, Text


def report(found: Report, language: Language) -> str:
    """Facts, notes, findings; the verdict last."""
    facts = [
        Text(f"{found.what}: {found.entries} entries, {found.files} files", _counted(found)),
        *(
            [Text(f"site {found.site}, chain {found.chain}", f"站点 {found.site}，链 {found.chain}")]
            if found.chain
            else []
        ),
        *(Text(f"key {key}", f"密钥 {key}") for key in found.keys),
        *(
            Text(f"existed at {at}: everything up to entry {n}", f"不晚于 {at} 已存在：记录 {n} 及之前全部")
            for n, at in found.stamps
        ),
        *found.notes,
    ]
    lines = [shown(fact.say(language)) for fact in facts]
    lines += [finding.say(language) for finding in found.findings]
    return "\n".join([*lines, _verdict(found).say(language)])


def as_json(found: Report) -> str:
    """One object."""
    words = {
        "unchanged": found.unchanged,
        "what": found.what,
        "site": found.site,
        "chain": found.chain,
        "keys": list(found.keys),
        "entries": found.entries,
        "files": found.files,
        "stamps": [{"entry": n, "at": at} for n, at in found.stamps],
        "findings": [
            {"fault": each.fault.value, "what": each.what, "en": each.detail.en, "zh": each.detail.zh}
            for each in found.findings
        ],
        "notes": [{"en": note.en, "zh": note.zh} for note in found.notes],
    }
    return json.dumps(words, ensure_ascii=False, indent=2)


def _counted(found: Report) -> str:
    return f"{found.what}：{found.entries} 条记录，{found.files} 个文件"


def _verdict(found: Report) -> Text:
    if found.unchanged:
        return Text("unchanged: everything is as it was entered", "未改动：与登记完全一致")
    count = len(found.findings)
    return Text(f"NOT unchanged: {count} findings", f"有改动：共 {count} 项")
