"""The key that proof is signed with: there, readable, and nobody else's."""

import stat
from collections.abc import Iterable, Iterator

from edge.doctor.question import Box, Question, Verdict, fine, warn
from edge.evidence.keyring import KeyRing
from edge.evidence.signing import Algorithm
from edge.settings.model import Site
from streams.problem import Problem, Text

_PATIENCE = 10.0  # s: one small file


def questions(box: Box) -> Iterable[Question]:
    if (site := box.site) is None:
        return []
    return [Question("", lambda: _look(site), _PATIENCE)]


def _look(site: Site) -> Iterator[Verdict]:
    """Raises KeyTrouble, which says all."""
    storage, wanted = site.storage.path, site.evidence
    key = KeyRing(storage, Algorithm(wanted.signature), wanted.key).current()
    if key is None:
        yield fine("no key yet: one is made at the first start", "尚无密钥：首次启动时生成")
        return
    file = storage / "device.key"
    if wanted.key is None and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield warn(_OPEN)
    name = key.public.algorithm
    yield fine(f"signed with {name}", f"签名算法 {name}")


_OPEN = Problem(
    "evidence.key_open",
    Text("other users can read the evidence key", "其他用户可以读取证据密钥"),
    Text(
        "chmod 600 device.key, and rotate the key: it may have been copied",
        "请 chmod 600 device.key，并更换密钥",
    ),
)
