"""index.html of a bundle: for people, in Chinese and English, without a script and without anything from elsewhere."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from edge.evidence.bundle import Listing, expected, message_name
from edge.evidence.entries import Entry, Kind
from edge.evidence.findings import shown
from edge.evidence.signing import PublicKey

_PICTURES, _FILMS, _SOUNDS = (".jpg", ".jpeg", ".png"), (".mp4",), (".webm", ".ogg")

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem;border-top:1px solid #d0d7de;padding-top:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}dt{color:#57606a}dd{margin:0}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
figure{display:inline-block;margin:.5rem 1rem .5rem 0;max-width:32rem;vertical-align:top}
img,video{max-width:100%;display:block;background:#eaeef2}figcaption{font-size:.85rem;color:#57606a}
.gone{color:#9a3412}
"""

README_TEXT = """Sandwatch evidence bundle / 证据包

1. Look: open index.html in a browser. No network is needed.
   查看：用浏览器打开 index.html，无需联网。

2. Check, without a network / 离线校验:

       sandwatch evidence verify BUNDLE.zip --key FINGERPRINT

   FINGERPRINT is that of the gateway's public key. Take it from the centre's records (the gateway announces it when it
   connects), not from this bundle: whoever makes a bundle can put any key into it.
   FINGERPRINT 是网关公钥指纹，应取自指挥中心的登记（网关上线时会上报），不要取自本证据包。

   Exit code 0: everything is as it was entered. 1: something is not, and it is named. 3: it cannot be read.
   退出码 0：与登记一致；1：有改动，并逐项列出；3：无法读取。

3. With other programs / 用其他程序校验:
   - sha256sum FILE: compare with bundle.json and with the entry's body in chain.jsonl
   - each line of chain.jsonl: the header is canonical JSON (RFC 8785), signed by the key it names; "prev" holds the hashes
     of the header before it (SHA-256, SM3), "body" those of the body
   - openssl ts -verify -in stamps/N.tsr -digest SHA256-OF-THE-HEADER -CAfile tsa/ca.pem
   - keys/*.pem: public keys, SubjectPublicKeyInfo
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry whose body is exported, with the words it was made of where they are still kept."""

    entry: Entry
    payload: bytes | None


def page(listing: Listing, entries: Sequence[Shown], deleted: frozenset[str], key: PublicKey) -> bytes:
    """deleted: uris of items that have a tombstone."""
    parts = [
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; base-uri 'none'\">",
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{_safe(listing.site)} 证据 Evidence</title><style>{_STYLE}</style></head><body>",
        "<h1>证据包 Evidence bundle</h1>",
        _facts(_about(listing, key)),
        *(_entry(each, deleted) for each in entries if each.entry.told.kind in _TOLD),
        f"<h2>记录 Entries</h2><p>{_ranges(listing)}</p></body></html>",
    ]
    return "\n".join(parts).encode()


_TOLD = frozenset({Kind.MESSAGE, Kind.TALK, Kind.FOUND, Kind.DELETED, Kind.STAMP})


def _about(listing: Listing, key: PublicKey) -> list[tuple[str, str]]:
    facts = [
        ("站点 Site", listing.site),
        ("制作 Made", f"{listing.made} ({listing.software})"),
        ("公钥指纹 Key fingerprint", f"{key.algorithm.value} {key.fingerprint}"),
        ("链 Chain", listing.chain),
        ("链头 Head", f"{listing.head.n} {listing.head.sha256}"),
    ]
    facts += [("案件 Case", case) for case in listing.cases]
    if listing.since is not None:
        facts.append(("时间 Time", f"{listing.since} – {listing.until}"))
    return facts


def _entry(shown_: Shown, deleted: frozenset[str]) -> str:
    told, says = shown_.entry.told, shown_.entry.says
    facts = [("登记时间 Entered", told.time), *_words(told.kind, says, shown_.payload)]
    if told.case:
        facts.insert(0, ("案件 Case", told.case))
    if shown_.payload is not None and told.kind == Kind.MESSAGE:
        facts.append(("报文 Message", message_name(told.n)))
    files = [] if told.kind == Kind.DELETED else _files(shown_.entry, deleted)
    return f"<h2>{told.n} · {_TITLES[told.kind]}</h2>{_facts(facts)}{''.join(files)}"


_TITLES = {
    Kind.MESSAGE: "事件 Event",
    Kind.TALK: "对讲录音 Talk recording",
    Kind.FOUND: "补登文件 Files entered later",
    Kind.DELETED: "删除记录 Deletion",
    Kind.STAMP: "时间戳 Time-stamp",
}

_LABELS = {
    "type": "类型 Type",
    "phase": "阶段 Phase",
    "severity": "严重程度 Severity",
    "camera": "摄像机 Camera",
    "subject": "对象 Subject",
    "time": "时间 Time",
    "by": "人员 By",
    "unit": "单位 Unit",
    "finding": "结论 Finding",
    "grade": "评价 Grade",
    "remark": "备注 Remark",
    "group": "对讲组 Group",
    "member": "成员 Member",
    "since": "开始 Since",
    "until": "结束 Until",
    "at": "时间 Time",
    "tsa": "时间戳机构 Authority",
    "entry": "覆盖至记录 Covers up to entry",
    "why": "原因 Reason",
}


def _words(kind: Kind, says: dict[str, object], payload: bytes | None) -> list[tuple[str, str]]:
    told = {**says, **_data(payload)} if kind == Kind.MESSAGE else says
    if "camera" in told:
        told = {name: value for name, value in told.items() if name != "subject"}
    facts = [
        (_LABELS[name], str(value)) for name, value in told.items() if name in _LABELS and _is_plain(value)
    ]
    if seen := _seen(told.get("objects")):
        facts.append(("目标 Objects", seen))
    clock, model = told.get("clock"), told.get("model")
    if kind == Kind.MESSAGE and isinstance(clock, dict):
        offset = "?" if clock.get("offset_ms") is None else clock["offset_ms"]
        facts.append(("时钟 Clock", f"{clock.get('source')}, ± {offset} ms"))
    if kind == Kind.MESSAGE and isinstance(model, dict):
        facts.append(("模型 Model", f"{model.get('name')} {model.get('sha256')}"))
    if kind == Kind.DELETED and isinstance(items := says.get("items"), list):
        facts.append(
            ("文件 Files", ", ".join(str(each.get("uri")) for each in items if isinstance(each, dict)))
        )
    return facts


def _seen(objects: object) -> str:
    """Classes, scores and number plates."""
    named = []
    for each in objects if isinstance(objects, list) else ():
        known = each.get("attributes") if isinstance(each, dict) else None
        plate = known.get("plate") if isinstance(known, dict) else None
        if isinstance(each, dict):
            named.append(f"{each.get('label')} {each.get('score')}{f' {plate}' if plate else ''}")
    return ", ".join(named)


def _data(payload: bytes | None) -> dict[str, object]:
    """Of an event."""
    try:
        event = json.loads(payload or b"{}")
    except ValueError:
        return {}
    data = event.get("data") if isinstance(event, dict) else None
    return data if isinstance(data, dict) else {}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _files(entry: Entry, deleted: frozenset[str]) -> list[str]:
    items = [each for each in expected(entry) if not each.name.startswith("messages/")]
    return [
        _file(each.name, each.uri, each.state, each.measured.hashes.sha256 if each.measured else "", deleted)
        for each in items
    ]


def _file(name: str, uri: str, state: str, sha256: str, deleted: frozenset[str]) -> str:
    label = f"{_safe(name)}<br><code>SHA-256 {sha256}</code>"
    if uri in deleted or state not in ("kept", "differs"):
        why = "已按规定删除 deleted by retention" if uri in deleted else _safe(state)
        return f'<p class="gone">{label} – {why}</p>'
    address, suffix = escape(quote(name), quote=True), name.lower()
    if suffix.endswith(_PICTURES):
        seen = f'<a href="{address}"><img src="{address}" alt="" loading="lazy"></a>'
    elif suffix.endswith(_FILMS):
        seen = f'<video src="{address}" controls preload="metadata"></video>'
    elif suffix.endswith(_SOUNDS):
        seen = f'<audio src="{address}" controls preload="none"></audio>'
    else:
        seen = f'<a href="{address}">{_safe(name)}</a>'
    return f"<figure>{seen}<figcaption>{label}</figcaption></figure>"


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{_safe(name)}</dt><dd><code>{_safe(value)}</code></dd>" for name, value in facts)
    return f"<dl>{rows}</dl>"


def _ranges(listing: Listing) -> str:
    spans = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in listing.ranges)
    return f"{_safe(spans)} (chain.jsonl)"


def _safe(text: str) -> str:
    return escape(shown(text), quote=True)
