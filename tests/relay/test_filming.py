"""Films of body cameras: what was received in files that play, also after the power failed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import pytest

from relay import shelf
from relay.filming import Film, Filmer
from relay.live.rtp import Packer, h264
from relay.media.stream import Packet
from relay.shelf import Kept, sha256
from streams.problem import Problem
from tests.support.encoded import Shot, shot, units

SHOT = shot(40, gop=10, size=(320, 240))  # 4 s


class Keeping:
    """A filmer and what it told. keys: how often a key frame was asked for."""

    def __init__(self, folder: Path, limit: int = 1 << 30, longest: float = 60.0) -> None:
        self.folder = folder
        self.problems: list[Problem | None] = []
        self.kept: list[Kept] = []
        self.keys = 0
        self.now = 1_700_000_000.25
        self.filmer = Filmer(folder, limit, longest, self.problems.append, self.kept.append, lambda: self.now)

    def film(self, member: str = "badge-17") -> Film:
        return self.filmer.begin("patrol", member, self._asked)

    def records(self, *packets: Packet, member: str = "badge-17") -> None:
        film = self.film(member)
        for packet in packets:
            film.put(packet)
        film.end()

    def done(self) -> list[dict[str, Any]]:
        """The log, when everything is written."""
        self.filmer.close(30)
        logs = sorted(self.folder.rglob("pictures.jsonl"))
        return [json.loads(line) for log in logs for line in log.read_text().splitlines()]

    def _asked(self) -> None:
        self.keys += 1


def rtp(*shots: Shot) -> list[Packet]:
    packer = Packer(h264)
    return [packed for one in shots for coded in one.packets for packed in packer.pack(coded)]


def played(path: Path) -> list[tuple[float, tuple[int, int]]]:
    """Time (s) and size of every decoded picture."""
    with av.open(path) as file:
        return [(round(frame.time or 0, 2), (frame.width, frame.height)) for frame in file.decode(video=0)]


def contents(path: Path) -> list[list[bytes]]:
    """NAL units of each picture."""
    with av.open(path) as file:
        stream = file.streams.video[0]
        annex_b = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        return [
            [unit for unit in units(bytes(out)) if unit[0] & 0x1F not in (7, 8)]
            for packet in file.demux(stream)
            if packet.size
            for out in annex_b.filter(packet)
        ]


def pictures(given: Shot) -> list[list[bytes]]:
    return [[unit for unit in units(one.data) if unit[0] & 0x1F not in (7, 8)] for one in given.packets]


def test_what_came_is_what_is_kept_and_the_log_proves_it(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.records(*rtp(SHOT))
    (entry,) = keeping.done()
    file = tmp_path / entry["file"]
    assert entry["file"] == "patrol/2023/11/14/221320.250-badge-17.mp4"
    assert contents(file) == pictures(SHOT)
    assert played(file) == [(round(number / 10, 2), (320, 240)) for number in range(40)]
    assert (entry["group"], entry["member"], entry["pictures"], entry["lost"]) == (
        "patrol",
        "badge-17",
        40,
        0,
    )
    assert (entry["since"], entry["seconds"]) == (1_700_000_000.25, 3.9)
    assert entry["sha256"] == sha256(file)
    assert [(one.file, one.sha256) for one in keeping.kept] == [(entry["file"], entry["sha256"])]
    assert keeping.problems == []
    assert not list(tmp_path.rglob(".*.part"))


def test_another_program_plays_it(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.records(*rtp(SHOT))
    (entry,) = keeping.done()
    command = [
        "ffprobe",
        "-v",
        "error",
        "-count_frames",
        "-show_entries",
        "stream=nb_read_frames,width,height",
    ]
    said = subprocess.run(
        [*command, "-of", "json", str(tmp_path / entry["file"])], check=True, capture_output=True
    )
    (stream,) = json.loads(said.stdout)["streams"]
    assert (stream["nb_read_frames"], stream["width"]) == ("40", 320)
    assert said.stderr == b""


def test_a_picture_of_which_something_is_lost_is_left_out_and_a_key_frame_asked_for(tmp_path: Path) -> None:
    keeping, given = Keeping(tmp_path), rtp(SHOT, SHOT.after(4.0), SHOT.after(8.0), SHOT.after(12.0))
    lost = next(n for n, packet in enumerate(given) if packet.timestamp == given[0].timestamp + 5 * 9000)
    keeping.records(*given[:lost], *given[lost + 1 :])
    (entry,) = keeping.done()
    assert (entry["lost"], entry["broken"], entry["pictures"]) == (1, 1, 159)
    assert keeping.keys >= 1
    assert len(played(tmp_path / entry["file"])) == entry["pictures"]


def test_what_comes_before_the_first_key_frame_is_not_kept_and_one_is_asked_for(tmp_path: Path) -> None:
    keeping, given = Keeping(tmp_path), rtp(SHOT)
    late = next(n for n, packet in enumerate(given) if packet.timestamp == given[0].timestamp + 3 * 9000)
    keeping.records(*given[late:])
    (entry,) = keeping.done()
    assert entry["pictures"] == 30
    assert keeping.keys >= 1


def test_a_connection_that_shows_nothing_makes_no_file(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.records()
    assert keeping.done() == []
    assert not list(tmp_path.rglob("*.mp4"))


def test_a_long_film_comes_in_pieces_that_follow_one_another(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, longest=10.0)
    keeping.records(*rtp(*(SHOT.after(4.0 * turn) for turn in range(6))))  # 24 s
    entries = keeping.done()
    assert [entry["pictures"] for entry in entries] == [100, 100, 40]
    starts = [round(entry["since"] - entries[0]["since"], 1) for entry in entries]
    assert starts == [0.0, 10.0, 20.0]
    assert all(len(played(tmp_path / entry["file"])) == entry["pictures"] for entry in entries)


def test_a_sender_without_key_frames_has_its_piece_ended_all_the_same(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path, longest=10.0)
    keeping.records(*rtp(shot(300, gop=1000)))  # 30 s
    (entry,) = keeping.done()
    assert entry["pictures"] == 150  # 10 s, and 5 of patience
    assert keeping.keys > 1


def test_pictures_of_another_size_are_another_file(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.records(*rtp(SHOT, shot(20, size=(160, 120)).after(4.0)))
    entries = keeping.done()
    assert [played(tmp_path / entry["file"])[0][1] for entry in entries] == [(320, 240), (160, 120)]


def test_the_oldest_film_makes_room_and_no_speech_does(tmp_path: Path) -> None:
    size = sum(one.size for one in SHOT.packets)
    speech = tmp_path / "patrol" / "2023" / "11" / "14" / "221319.000-desk.webm"
    speech.parent.mkdir(parents=True)
    speech.write_bytes(b"x" * size)
    os.utime(speech, (0, 0))
    keeping = Keeping(tmp_path, limit=3 * size)
    for _ in range(8):
        keeping.records(*rtp(SHOT))
        keeping.now += 10
    assert len(keeping.done()) == 8
    kept = sorted(path.name for path in tmp_path.rglob("*.mp4"))
    assert 2 <= len(kept) <= 4
    assert kept[-1] == "221430.250-badge-17.mp4"
    assert speech.exists()


def test_room_for_events_is_left_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "_RESERVE", 1 << 60)
    keeping = Keeping(tmp_path)
    keeping.records(*rtp(SHOT))
    assert keeping.done() == []
    assert keeping.problems[0] is not None
    assert keeping.problems[0].code == "talk.not_recorded"
    assert not list(tmp_path.rglob("*.mp4*"))


def test_parameter_sets_of_nonsense_are_no_film_and_do_no_harm(tmp_path: Path) -> None:
    keeping, given = Keeping(tmp_path), rtp(SHOT)
    hostile = [
        Packet(one.sequence, one.timestamp, one.payload[:6] + b"\0" * 20 + one.payload[26:], one.marker)
        if one.payload[0] & 0x1F == 24
        else one
        for one in given
    ]
    keeping.records(*hostile)
    assert keeping.done() == []
    assert not list(tmp_path.rglob("*.mp4*"))


_FILM = """
import sys, time
from pathlib import Path
from tests.relay.test_filming import Keeping, SHOT, rtp
keeping = Keeping(Path(sys.argv[1]))
film = keeping.film()
for packet in rtp(*(SHOT.after(4.0 * turn) for turn in range(5))):
    film.put(packet)
while keeping.filmer._scribe._work.qsize():
    time.sleep(0.01)
time.sleep(0.2)
print("filmed", flush=True)
time.sleep(60)
"""


def test_what_was_filmed_when_the_power_failed_plays_and_is_proof_from_the_next_start_on(
    tmp_path: Path,
) -> None:
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, "-c", _FILM, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "filmed\n"
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    (part,) = tmp_path.rglob(".*.mp4.part")
    assert part.stat().st_size > 0
    keeping = Keeping(tmp_path)
    (entry,) = keeping.done()
    file = tmp_path / entry["file"]
    assert entry["torn"] is True
    assert (entry["group"], entry["member"], entry["since"]) == ("patrol", "badge-17", 1_700_000_000.25)
    assert entry["sha256"] == sha256(file)
    assert len(played(file)) >= 200 - 2 * 10  # 20 s, all but the last fragment of a second
    assert [one.file for one in keeping.kept] == [entry["file"]]
    assert not part.exists()
