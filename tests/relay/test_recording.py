"""Recordings of talk: what was received, whatever order and holes it came in, and a disk that has an end."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relay import recording, shelf
from relay.media.stream import Packet
from relay.opusfile import OpusFile
from relay.recording import Recorder, Said
from relay.shelf import NotWritten, sha256
from streams.problem import Problem

FRAME = 960
SEQUENCES, STAMPS = 1 << 16, 1 << 32


@cache
def payloads(count: int = 150) -> tuple[bytes, ...]:
    """Opus as a browser sends it: a tone of 440 Hz in packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.rate, encoder.layout, encoder.format = 48000, "mono", "s16"
    encoder.bit_rate, encoder.options = 24_000, {"frame_duration": "20"}
    made: list[bytes] = []
    for number in range(count + 1):
        at = np.arange(number * FRAME, (number + 1) * FRAME) / 48000
        samples = (9000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, number * FRAME, Fraction(1, 48000)
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(made[:count])


def packets(count: int = 150, sequence: int = 1000, stamp: int = 5000, ssrc: int = 7) -> list[Packet]:
    return [
        Packet((sequence + n) % SEQUENCES, (stamp + n * FRAME) % STAMPS, payload, ssrc=ssrc)
        for n, payload in enumerate(payloads()[:count])
    ]


def times(path: Path) -> list[float]:
    """s of each packet in a file."""
    with av.open(path) as file:
        return [
            round(float(packet.pts * packet.time_base), 3)
            for packet in file.demux(audio=0)
            if packet.pts is not None
        ]


def contents(path: Path) -> list[bytes]:
    with av.open(path) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def tone(path: Path) -> float:
    """Hz of the strongest one in the first second."""
    with av.open(path) as file:
        samples: NDArray[np.float32] = np.concatenate(
            [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
        )
    return float(np.argmax(np.abs(np.fft.rfft(samples[:48000]))))


def written(path: Path, given: list[Packet]) -> OpusFile:
    file = OpusFile(path)
    for packet in given:
        file.write(packet)
    file.close()
    return file


def test_what_came_is_what_is_kept(tmp_path: Path) -> None:
    file = written(tmp_path / "a.webm", packets())
    assert contents(tmp_path / "a.webm") == list(payloads())
    assert (file.packets, file.lost, file.late, file.seconds) == (150, 0, 0, 3.0)
    assert tone(tmp_path / "a.webm") == pytest.approx(440, abs=1)


def test_what_was_lost_is_a_gap_of_its_length(tmp_path: Path) -> None:
    given = packets()
    file = written(tmp_path / "a.webm", given[:50] + given[60:])
    assert times(tmp_path / "a.webm")[49:51] == [0.98, 1.2]
    assert (file.packets, file.lost) == (140, 10)


def test_another_program_plays_it(tmp_path: Path) -> None:
    written(tmp_path / "a.webm", packets())
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_name,channels:format=duration",
        "-of",
        "json",
    ]
    said = subprocess.run([*command, str(tmp_path / "a.webm")], check=True, capture_output=True)
    found = json.loads(said.stdout)
    assert found["streams"][0]["codec_name"] == "opus"
    assert float(found["format"]["duration"]) == pytest.approx(3.0, abs=0.03)
    assert said.stderr == b""


@settings(max_examples=40)
@given(
    st.integers(0, SEQUENCES - 1),
    st.integers(0, STAMPS - 1),
    st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.booleans()), min_size=40, max_size=40),
)
def test_any_order_holes_and_repeats_come_out_in_order(
    sequence: int, stamp: int, fates: list[tuple[int, bool, bool]]
) -> None:
    """fates: how far a packet is delayed, whether it is lost, whether it comes twice. The first two come in order."""
    given = packets(len(fates), sequence, stamp)
    arrivals: list[tuple[float, int]] = []
    for n, (delay, lost, twice) in enumerate(fates):
        early = n < 2
        if early or not lost:
            arrivals += [(n + (0 if early else delay), n)] * (1 + twice)
    order = [n for _, n in sorted(arrivals)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.webm"
        file = written(path, [given[n] for n in order])
        kept = sorted(set(order))
        assert contents(path) == [given[n].payload for n in kept]
        assert times(path) == [round(n * 0.02, 3) for n in kept]
        assert file.lost == kept[-1] + 1 - len(kept)
        assert file.late == len(order) - len(kept)


def test_a_sender_that_starts_anew_in_mid_speech_goes_on(tmp_path: Path) -> None:
    file = written(tmp_path / "a.webm", packets(50) + packets(50, 60000, 123, ssrc=8))
    assert (file.packets, file.lost) == (100, 0)
    assert times(tmp_path / "a.webm")[-1] == pytest.approx(99 * 0.02)


def said(member: str = "desk", **changed: object) -> Said:
    values = {
        "group": "patrol",
        "member": member,
        "since": 100.0,
        "until": 103.0,
        "emergency": False,
        "ended": "released",
    }
    return Said(**{**values, **changed})  # type: ignore[arg-type]


class Told:
    def __init__(self) -> None:
        self.problems: list[Problem | None] = []
        self.came = threading.Event()

    def __call__(self, problem: Problem | None) -> None:
        self.problems.append(problem)
        self.came.set()


def record(recorder: Recorder, member: str, now: float, given: list[Packet]) -> Path:
    tape = recorder.begin("patrol", member, now)
    for packet in given:
        tape.put(packet)
    tape.end(said(member))
    return tape.path


def entries(folder: Path) -> list[dict[str, object]]:
    logs = sorted(folder.rglob("floor.jsonl"))
    return [json.loads(line) for log in logs for line in log.read_text().splitlines()]


@pytest.fixture
def told() -> Told:
    return Told()


def test_the_log_names_each_speech_its_file_and_its_losses(tmp_path: Path, told: Told) -> None:
    recorder = Recorder(tmp_path, 1 << 30, told)
    given = packets()
    first = record(recorder, "desk", 1_700_000_000.25, given[:70] + given[75:])
    record(recorder, "黄庄-1", 1_700_000_010.0, given[:20])
    record(recorder, "silent", 1_700_000_020.0, [])
    recorder.close(30)
    assert first.name == "221320.250-desk.webm"
    desk, badge, silent = entries(tmp_path)
    assert (desk["packets"], desk["lost"], desk["seconds"]) == (145, 5, 3.0)
    assert desk["sha256"] == sha256(tmp_path / str(desk["file"]))
    assert badge["member"] == "黄庄-1"
    assert (silent["member"], silent.get("file"), silent["packets"]) == ("silent", None, 0)
    assert told.problems == []
    assert not list(tmp_path.rglob(".*.part"))


def test_the_oldest_makes_room(tmp_path: Path, told: Told) -> None:
    recorder = Recorder(tmp_path, 60_000, told)  # each speech takes about 13 kB
    for number in range(12):
        record(recorder, "desk", 1_700_000_000.0 + number, packets())
    recorder.close(30)
    kept = sorted(path.name for path in tmp_path.rglob("*.webm"))
    assert 3 <= len(kept) <= 5
    assert kept[-1] == "221331.000-desk.webm"
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 75_000


def test_a_days_log_goes_with_the_last_of_its_recordings(tmp_path: Path, told: Told) -> None:
    recorder = Recorder(tmp_path, 60_000, told)
    for day in range(6):
        for hour in range(2):
            record(recorder, "desk", 1_700_000_000.0 + day * 86_400 + hour * 3600, packets())
    recorder.close(30)
    days = {path.parent for path in tmp_path.rglob("*.webm")}
    assert 1 < len(days) < 6
    assert {path.parent for path in tmp_path.rglob("floor.jsonl")} == days


_SPEAK = """
import sys, time
from pathlib import Path
from relay.recording import Recorder
from tests.relay.test_recording import packets
recorder = Recorder(Path(sys.argv[1]), 1 << 30, print)
tape = recorder.begin("patrol", "desk", 1_700_000_000.25)
for packet in packets():
    tape.put(packet)
while recorder._scribe._work.qsize():
    time.sleep(0.01)
time.sleep(0.2)
print("said", flush=True)
time.sleep(60)
"""


def test_what_was_being_said_when_the_power_failed_is_proof_from_the_next_start_on(
    tmp_path: Path, told: Told
) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _SPEAK, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "said\n"
        running.kill()
    Recorder(tmp_path, 1 << 30, told).close(30)
    (entry,) = entries(tmp_path)
    file = tmp_path / str(entry["file"])
    assert (entry["torn"], entry["member"], entry["since"]) == (True, "desk", 1_700_000_000.25)
    assert entry["sha256"] == sha256(file)
    assert times(file)[-1] > 1.5  # of 3 s, all but the last cluster
    assert not list(tmp_path.rglob(".*.part"))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)], check=True)
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk_is_said_once_and_talk_goes_on(
    full_disk: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_RESERVE", 0)
    filler = full_disk / "filler"
    filler.write_bytes(b"x" * ((1 << 20) - 16_384))
    recorder = Recorder(full_disk / "talk", 1 << 30, told)
    tape = recorder.begin("patrol", "desk", 1_700_000_000.0)
    for ssrc in range(10):
        for packet in packets(ssrc=ssrc):
            tape.put(packet)
    tape.end(said())
    assert told.came.wait(30)
    assert told.problems[0] is not None
    assert told.problems[0].code == "talk.not_recorded"
    filler.unlink()
    record(recorder, "desk", 1_700_000_010.0, packets())
    recorder.close(30)
    assert told.problems[-1] is None
    assert [path.name for path in full_disk.rglob("*.webm")] == ["221330.000-desk.webm"]
    assert not list(full_disk.rglob(".*.part"))


def test_room_for_events_is_left(tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "_RESERVE", 1 << 60)
    recorder = Recorder(tmp_path, 1 << 30, told)
    record(recorder, "desk", 1_700_000_000.0, packets(10))
    recorder.close(30)
    assert told.problems[0] is not None
    (entry,) = entries(tmp_path)
    assert "kept for events" in str(entry["problem"])
    assert not list(tmp_path.rglob("*.webm"))


def test_a_disk_too_slow_loses_packets_and_counts_them(
    tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    write = OpusFile.write

    def slow(self: OpusFile, packet: Packet) -> None:
        release.wait(30)
        write(self, packet)

    monkeypatch.setattr(OpusFile, "write", slow)
    monkeypatch.setattr(recording, "_QUEUE", 50)
    recorder = Recorder(tmp_path, 1 << 30, told)
    tape = recorder.begin("patrol", "desk", 1_700_000_000.0)
    for packet in packets():
        tape.put(packet)
    assert tape.dropped >= 99
    release.set()
    tape.end(said())
    recorder.close(30)
    (entry,) = entries(tmp_path)
    assert entry["dropped"] == tape.dropped
    assert entry["packets"] == 150 - tape.dropped


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises((NotWritten, OSError)):
        OpusFile(tmp_path / "nowhere" / "a.webm")
