from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from streams.telemetry.dji_srt import Cue, SubtitleDecoder, cues, decode, load
from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import Attitude, Gimbal, Pose
from tests.support.telemetry import about

SHANGHAI = ZoneInfo("Asia/Shanghai")


def one(text: str, **told: object) -> Pose:
    return decode(Cue(0.0, text), "uav", SHANGHAI, **told)  # type: ignore[arg-type]


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_mavic_pro() -> None:
    pose = one(
        "HOME(121.0251,31.2532) 2017.08.05 14:11:51\nGPS(121.0251,31.2533,16) BAROMETER:1.9\nISO:100 Fnum:F2.2"
    )
    assert pose.position == (31.2533, 121.0251)
    assert (pose.altitude, pose.datum) == (1.9, "takeoff")
    assert pose.time == pose.device_time == at("2017-08-05T14:11:51+08:00")


def test_matrice_300_has_latitude_first() -> None:
    pose = one("2022.06.21 16:06:31\nGPS(36.6146,-6.1120,0.0M) BAROMETER:47.0M")
    assert (pose.position, pose.altitude) == ((36.6146, -6.1120), 47.0)


@pytest.mark.parametrize("text", ["GPS(31.5,121.5,16)", "GPS(121.5,31.5,0.0M)", "RTK (121.5, 31.5, 28)"])
def test_beyond_ninety_only_a_longitude_can_be(text: str) -> None:
    assert one(f"2022.06.21 16:06:31 {text}").position == (31.5, 121.5)


def test_the_order_can_be_set() -> None:
    text = "2022.06.21 16:06:31\nGPS(10.5,20.5,16)"
    assert one(text).position == (20.5, 10.5)
    assert one(text, order="lat_lon").position == (10.5, 20.5)


def test_phantom_4_rtk() -> None:
    text = (
        "F/6.3, SS 60, ISO 100, EV 0, RTK (120.083799, 30.213635, 28), HOME (120.084146, 30.214243, 103.55m), "
        "D 75.36m, H 76.60m, H.S 0.04m/s, V.S 0.00m/s, F.PRY (-5.3°, 3.4°, 2.8°), G.PRY (-10.0°, 0.0°, -90.0°)"
    )
    with pytest.raises(Undecodable, match="date"):
        one(text)
    pose = one(text, clip_start=5000.0)
    assert (pose.time, pose.device_time) == (5000.0, None)
    assert pose.position == (30.213635, 120.083799)
    assert (pose.altitude, pose.datum, pose.speed) == (76.6, "takeoff", 0.04)
    assert pose.attitude == Attitude(2.8, -5.3, 3.4)
    assert pose.gimbal == Gimbal("earth", 270.0, -10.0, 0.0)


def test_mavic_2_misspells_the_longitude() -> None:
    pose = one(
        '<font size="36">FrameCnt : 1, DiffTime : 33ms\n2019-09-24 11:03:27,170,250\n[iso : 110] [shutter : 1/200.0] '
        "[focal_len : 240] [latitude : 30.608553] [longtitude : 114.963763] [altitude: 1429.697998] </font>"
    )
    assert pose.position == (30.608553, 114.963763)
    assert (pose.altitude, pose.datum) == (1429.697998, "unknown")
    assert pose.time == about(at("2019-09-24T11:03:27.170250+08:00"), abs=1e-6)


def test_mavic_3() -> None:
    pose = one(
        "FrameCnt: 0 2026-07-08 16:12:57.018\n[focal_len: 40.00] [dzoom_ratio: 1.00], [latitude: 31.229247] "
        "[longitude: 121.634603] [rel_alt: 79.969 abs_alt: 96.474] [gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.0]"
    )
    assert pose.position == (31.229247, 121.634603)
    assert (pose.altitude, pose.datum, pose.heights.unknown) == (79.969, "takeoff", 96.474)
    assert pose.gimbal == Gimbal("earth", about(292.4), -30.0, 0.0)


def test_without_satellites_there_is_no_position() -> None:
    assert one("2022.06.21 16:06:31\nGPS(0.0000,0.0000,0) BAROMETER:1.0").position is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "2022.06.21 16:06:31",
        "2022.13.21 16:06:31\nGPS(1,2,3)",
        "2022.06.21 16:06:31 GPS(190.0,95.0,3)",
    ],
)
def test_what_is_no_telemetry_is_refused(text: str) -> None:
    with pytest.raises(Undecodable):
        one(text)


def subtitle(index: int, start: float, body: str) -> str:
    whole, thousandth = divmod(round(start * 1000), 1000)
    minute, second = divmod(whole, 60)
    return f"{index}\n00:{minute:02}:{second:02},{thousandth:03} --> 00:{minute:02}:60,000\n{body}\n\n"


def clip(count: int, every: float) -> str:
    return "".join(
        subtitle(n + 1, n * every, f"2026-07-08 16:12:57.018\n[latitude: {30 + n / 1000}] [longitude: 114.5]")
        for n in range(count)
    )


def test_a_file_is_thinned_and_follows_the_clips_own_clock() -> None:
    track = load(clip(300, 0.033), "uav", SHANGHAI, clip_start=1000.0, every=0.2)
    times = [pose.time for pose in track.poses]
    assert times[0] == 1000.0
    assert 40 <= len(times) <= 50
    assert all(b - a >= 0.2 - 1e-6 for a, b in pairwise(times))


def test_a_file_cut_off_gives_what_it_has() -> None:
    text = clip(10, 1.0)
    track = load(text[: len(text) - 40], "uav", SHANGHAI, clip_start=0.0)
    assert (len(track.poses), track.refused) in ((9, 1), (10, 0))
    assert [pose.time for pose in track.poses[:9]] == [float(n) for n in range(9)]


def test_damaged_cues_are_counted() -> None:
    text = clip(3, 1.0).replace("[latitude: 30.001]", "[lat")
    track = load("\ufeff" + text, "uav", SHANGHAI, clip_start=0.0)
    assert (len(track.poses), track.refused) == (2, 1)


def test_another_films_subtitles_are_no_telemetry() -> None:
    with pytest.raises(Undecodable):
        load(subtitle(1, 0, "Where were you?") + subtitle(2, 5, "At the river."), "uav", SHANGHAI)


def test_cue_times() -> None:
    assert [cue.start for cue in cues("1\n01:02:03,004 --> 01:02:60,000\nx\n")] == [3723.004]


def test_a_clips_own_subtitle_track() -> None:
    decoder = SubtitleDecoder("uav", SHANGHAI)
    (pose,) = decoder.feed(b"2026-07-08 16:12:57.018 [latitude: 31.2] [longitude: 121.6]", 4000.0)
    assert (pose.time, pose.position) == (4000.0, (31.2, 121.6))
    assert decoder.feed(b"\xff\xfe", 4001.0) == []
    assert decoder.refused == 1
