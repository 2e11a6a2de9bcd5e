"""What can be wrong with the evidence, said to the person who can mend it."""

from pathlib import Path

from streams.problem import Misconfigured, Problem, ProblemError, Text


class EvidenceRefused(ProblemError):
    """It cannot be told, exported or checked; `problem` says why."""


class KeyTrouble(Misconfigured):
    """The device's key cannot be used. Nothing of the key is in the text."""


def key_unreadable(where: str, why: str) -> KeyTrouble:
    return KeyTrouble(
        Problem(
            "evidence.key",
            Text(f"the device key {where} cannot be used: {why}", f"设备密钥 {where} 无法使用：{why}"),
            Text(
                "give an unencrypted Ed25519 or SM2 key as PKCS#8 PEM, readable by the gateway alone (chmod 600)",
                "请提供未加密的 Ed25519 或 SM2 密钥（PKCS#8 PEM），且仅网关用户可读（chmod 600）",
            ),
        )
    )


def no_sm2() -> KeyTrouble:
    return KeyTrouble(
        Problem(
            "evidence.sm2",
            Text("signatures with SM2 need a library that is not installed", "SM2 签名所需的组件未安装"),
            Text("install sandwatch[sm2]", "请安装 sandwatch[sm2]"),
        )
    )


def begun_anew(aside: Path, why: str) -> Problem:
    """why: key_lost or damaged."""
    happened = {
        "key_lost": Text(
            "the key that the chain of evidence was signed with is gone; a new chain was begun with a new key",
            "原证据链的签名密钥已丢失；已用新密钥新建证据链",
        ),
        "damaged": Text(
            "the chain of evidence was damaged; a new chain was begun", "原证据链已损坏；已新建证据链"
        ),
    }
    return Problem(
        f"evidence.{why}",
        happened[why],
        Text(
            f"keep {aside.name}; register the fingerprint (sandwatch evidence key)",
            f"请保留 {aside.name}，并登记指纹（sandwatch evidence key）",
        ),
    )


def low(free: int, held: bool) -> Problem:
    """free: bytes left. held: what is left belongs to open cases."""
    mib = free >> 20
    why = Text(
        "; what is left belongs to open cases or waits for its upload" if held else "",
        "；其余属于未结案件或待上传文件" if held else "",
    )
    return Problem(
        "evidence.space",
        Text(f"only {mib} MiB are free on the disk{why.en}", f"磁盘仅剩 {mib} MiB{why.zh}"),
        Text(
            "close cases or make room: first clips are given up, then pictures; events go on",
            "请办结案件或清理磁盘：将先停止录像，再停止图片；事件照常上报",
        ),
    )


def no_clips(free: int) -> Problem:
    return Problem(
        "evidence.no_clips",
        Text(
            f"only {free >> 20} MiB are free: no more clips are recorded, pictures and events go on",
            f"磁盘仅剩 {free >> 20} MiB：停止录像，图片和事件照常",
        ),
        _ROOM,
    )


def no_pictures(free: int) -> Problem:
    return Problem(
        "evidence.no_pictures",
        Text(
            f"only {free >> 20} MiB are free: no more clips and pictures are kept, events go on",
            f"磁盘仅剩 {free >> 20} MiB：停止录像和图片，事件照常",
        ),
        _ROOM,
    )


_ROOM = Text("make room on the disk that holds the evidence", "请清理证据所在的磁盘")


def unstamped(where: str, why: str, entries: int) -> Problem:
    return Problem(
        "evidence.stamp",
        Text(
            f"no time-stamp could be had from {where}: {why}; {entries} entries wait for one",
            f"无法从 {where} 取得时间戳：{why}；有 {entries} 条记录待加盖",
        ),
        Text(
            "check the network and evidence.tsa; it is tried again, and the next one covers all that wait",
            "请检查网络和 evidence.tsa；会自动重试，下一个时间戳覆盖所有待加盖记录",
        ),
    )


def behind(why: str) -> Problem:
    return Problem(
        "evidence.behind",
        Text(f"the chain of evidence cannot be continued: {why}", f"证据链无法续写：{why}"),
        Text("check the disk; events wait in the outbox until then", "请检查磁盘；事件保留在发件箱中等待"),
    )


def unknown_case(case: str) -> EvidenceRefused:
    return EvidenceRefused(
        Problem(
            "evidence.unknown_case",
            Text(f"no case has the id {case}", f"没有编号为 {case} 的案件"),
            Text("see sandwatch cases", "请查看 sandwatch cases"),
        )
    )


def nothing_there() -> EvidenceRefused:
    return EvidenceRefused(
        Problem(
            "evidence.nothing",
            Text("nothing was entered in that time", "该时间段内没有记录"),
            Text("give --from and --to, with a time zone or in local time", "请指定 --from 和 --to"),
        )
    )


def too_large(most: int) -> EvidenceRefused:
    return EvidenceRefused(
        Problem(
            "evidence.too_large",
            Text(
                f"a zip holds at most {most >> 30} GiB and 65,000 files",
                f"一个 zip 最多 {most >> 30} GiB、65000 个文件",
            ),
            Text(
                "give -o a name without .zip (a folder), or a shorter time",
                "请用 -o 指定不带 .zip 的名称（文件夹），或缩短时间段",
            ),
        )
    )


def unwritable(path: Path, why: str) -> EvidenceRefused:
    return EvidenceRefused(
        Problem(
            "evidence.unwritable",
            Text(f"{path}: {why}", f"{path}：{why}"),
            Text("give -o a new name in a folder you may write to", "请用 -o 指定可写目录中的新名称"),
        )
    )


def unreadable(path: Path, why: str) -> EvidenceRefused:
    return EvidenceRefused(
        Problem(
            "evidence.unreadable",
            Text(f"{path}: {why}", f"{path}：{why}"),
            Text(
                "give a bundle (.zip or folder) or the gateway's storage folder, and read it as its owner",
                "请指定证据包（.zip 或文件夹）或网关存储目录，并以其属主身份读取",
            ),
        )
    )
