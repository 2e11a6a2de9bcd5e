"""Every mistake is one clear line at its place."""

from pathlib import Path

import pytest

from edge.check import report
from tests.edge.settings.documents import GOOD, lines


def test_a_good_site_has_nothing_said_of_it(tmp_path: Path) -> None:
    assert lines(tmp_path, GOOD) == []


RTSP = (
    "allow_networks, analyse, attention, clip, connect_timeout, elevation, enabled, fps, ground, health, hwaccel, ignore, kind, "
    "land, lines, name, "
    "onvif, password, plates, presets, read_timeout, record, respond, "
    "ring, rules, telemetry, title, tls, transport, url, username, zones"
)
FILE = (
    "attention, clip, elevation, enabled, fps, ground, health, hwaccel, ignore, kind, land, lines, loop, name, onvif, pace, "
    "path, "
    "plates, presets, respond, "
    "ring, rules, start, telemetry, title, zones"
)
# what is replaced in the good site, by what, and what is said
FIELDS: list[tuple[str, str, list[str]]] = [
    ("fps: 5", "fsp: 5", ["7:5: error: streams[0].fsp: is not a known key; did you mean 'fps'?"]),
    (
        "fps: 5",
        "colour: red",
        [f"7:5: error: streams[0].colour: is not a known key; known: {RTSP}"],
    ),
    ("fps: 5", "fps: 0", ["7:5: error: streams[0].fps: must be greater than 0, is 0"]),
    ("fps: 5", "fps: 31", ["7:5: error: streams[0].fps: must be at most 30, is 31"]),
    ("fps: 5", "fps: many", ["7:5: error: streams[0].fps: needs a number, has text"]),
    ("fps: 5", "fps: yes", ["7:5: error: streams[0].fps: needs a number, has text"]),
    ("fps: 5", "fps: true", ["7:5: error: streams[0].fps: needs a number, has true or false"]),
    (
        "zones: [pit]",
        "dwell: true\n        severity: hihg",
        [
            "12:9: error: streams[0].rules[0].dwell: needs a number, has true or false",
            "13:9: error: streams[0].rules[0].severity: needs one of info, low, medium, high, critical; "
            "did you mean 'high'?",
        ],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [true, 0], [1, 1]]",
        ["9:22: error: streams[0].zones.pit[1][0]: needs a number, has true or false"],
    ),
    ("fps: 5", "fps: [5]", ["7:5: error: streams[0].fps: needs a number, has a list"]),
    ("fps: 5", "fps: ~", ["7:5: error: streams[0].fps: needs a number, has nothing"]),
    (
        "fps: 5",
        "fps: .nan",
        ["7:5: error: streams[0].fps: needs a finite number; put it in quotes if it is meant as text"],
    ),
    ("fps: 5", "fps: 5\n    fps: 6", ["8:5: error: streams[0].fps: is given twice (first on line 7)"]),
    (
        "fps: 5",
        "title:",
        [
            "7:5: warning: streams[0].title: has no value, so it counts as not given; "
            "a value that begins with # needs quotes"
        ],
    ),
    ("fps: 5", "fsp:", ["7:5: error: streams[0].fsp: is not a known key; did you mean 'fps'?"]),
    (
        "pit: [[0, 0], [1, 0], [1, 1]]",
        "pit:",
        ["9:7: error: streams[0].zones.pit: needs a list of points [[x, y], [x, y], [x, y]]"],
    ),
    (
        "fps: 5",
        "title: 0123",
        [
            "7:5: error: streams[0].title: would be read as a number or a word of YAML and come out changed; "
            "put it in quotes"
        ],
    ),
    (
        "fps: 5",
        "password: 0123",
        [
            "7:5: error: streams[0].password: would be read as a number or a word of YAML and come out changed; "
            "put it in quotes"
        ],
    ),
    (
        "fps: 5",
        "transport: tpc",
        ["7:5: error: streams[0].transport: needs one of tcp, udp; did you mean 'tcp'?"],
    ),
    (
        "fps: 5",
        "read_timeout: soon",
        [
            "7:5: error: streams[0].read_timeout: needs a duration such as 500ms, 3s, 10min, 1h or 2d, "
            "has 'soon'"
        ],
    ),
    ("fps: 5", "kind: rstp", ["7:5: error: streams[0].kind: there is no kind 'rstp'; did you mean 'rtsp'?"]),
    (
        "fps: 5",
        "kind: [rtsp]",
        ["7:5: error: streams[0].kind: there is no such kind; known: file, folder, push, rtsp"],
    ),
    (
        "    url: rtsp://192.0.2.1/live\n    fps: 5",
        "    kind: file\n    path: /x.mp4\n    url: x",
        [f"8:5: error: streams[0].url: is not a known key; known: {FILE}"],
    ),
    ("    url: rtsp://192.0.2.1/live\n", "", ["5:5: error: streams[0].url: is missing"]),
    (
        "rtsp://192.0.2.1/live",
        "http://192.0.2.1",
        ["6:5: error: streams[0].url: needs an address that begins with rtsp:// or rtsps://"],
    ),
    (
        "name: gate",
        "name: a/b",
        [
            "5:5: error: streams[0].name: needs a name of 1 to 64 letters, digits, - _ and ., "
            "beginning with a letter or digit"
        ],
    ),
    (
        "    fps: 5",
        "  - name: gate\n    url: rtsp://192.0.2.2",
        ["7:5: error: streams[1].name: two streams are called 'gate' (first on line 5)"],
    ),
    (
        "    fps: 5",
        "    analyse: rtsp://192.0.2.2/live",
        ["7:5: error: streams[0].analyse: says the same as another key here; keep one of them"],
    ),
    (
        "pit: [[0, 0], [1, 0], [1, 1]]",
        "pit: []",
        ["9:7: error: streams[0].zones.pit: needs at least 3 points, has 0"],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [1, 0]]",
        ["9:7: error: streams[0].zones.pit: needs at least 3 points, has 2"],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [640, 0], [1, -1]]",
        [
            "9:22: error: streams[0].zones.pit[1][0]: goes from 0 to 1 (a share of the picture, not pixels), is 640",
            "9:35: error: streams[0].zones.pit[2][1]: goes from 0 to 1 (a share of the picture, not pixels), is -1",
        ],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [1, 0], [1]]",
        ["9:7: error: streams[0].zones.pit: point 3 needs two numbers [x, y]"],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [.nan, 0], [1, .inf]]",
        [
            "9:22: error: streams[0].zones.pit[1][0]: needs a finite number; put it in quotes if it is meant as text",
            "9:36: error: streams[0].zones.pit[2][1]: needs a finite number; put it in quotes if it is meant as text",
        ],
    ),
    (
        "[[0, 0], [1, 0], [1, 1]]",
        "[[0, 0], [1, 1], [1, 0], [0, 1]]",
        [
            "9:7: error: streams[0].zones.pit: crosses itself: the side after point 1 and the side after "
            "point 3 meet"
        ],
    ),
    (
        "    zones:\n      pit: [[0, 0], [1, 0], [1, 1]]",
        "    zones: [[0, 0], [1, 0], [1, 1]]",
        ["8:5: error: streams[0].zones: needs a mapping ('key: value' lines), has a list"],
    ),
    (
        "zones: [pit]",
        "zones: [pti]",
        ["12:17: error: streams[0].rules[0].zones[0]: there is no zone 'pti'; did you mean 'pit'?"],
    ),
    (
        "      - kind: zone\n        zones: [pit]",
        "      - kind: zone\n      - kind: zone",
        [
            "12:9: error: streams[0].rules[1].name: two rules of this stream are called 'zone' "
            "(first on line 11); give each a name: of its own"
        ],
    ),
    (
        "    rules:\n      - kind: zone\n        zones: [pit]\n",
        "",
        ["8:5: warning: streams[0].zones: has zones and no rules: nothing watches them"],
    ),
    (
        "      - kind: zone\n        zones: [pit]",
        "      - zones: [pit]",
        ["11:9: error: streams[0].rules[0].kind: is missing"],
    ),
    (
        "zones: [pit]",
        "schedule: [{days: mon, from: '19:00', too: '06:00'}]",
        [
            "12:20: error: streams[0].rules[0].schedule[0].to: is missing",
            "12:47: error: streams[0].rules[0].schedule[0].too: is not a known key; did you mean 'to'?",
        ],
    ),
    (
        "zones: [pit]",
        "schedule: [{from: 19:00, to: 25:00}]",
        [
            "12:34: error: streams[0].rules[0].schedule[0].to: "
            'needs a time of day from "00:00" to "24:00", or sunset+30min, has \'25:00\''
        ],
    ),
    (
        "area: 410122",
        "area: 41012",
        ["1:21: error: site.area: needs the 6-digit code of the county (GB/T 2260), such as 410122"],
    ),
    ("area: 410122", "area: 990122", ["1:21: error: site.area: no province has the code 99"]),
    (
        "area: 410122",
        "area: 0410122",
        [
            "1:21: error: site.area: would be read as a number or a word of YAML and come out changed; put it in quotes"
        ],
    ),
    (
        "area: 410122",
        "area: 410122, time_zone: Asia/Peking",
        ["1:35: error: site.time_zone: needs the name of a time zone, such as Asia/Shanghai"],
    ),
    (
        "area: 410122",
        "area: 410122, time_zone: ../../etc/passwd",
        ["1:35: error: site.time_zone: needs the name of a time zone, such as Asia/Shanghai"],
    ),
    (
        "site: {id: sand-01, area: 410122}",
        "site: sand-01",
        ["1:1: error: site: needs a mapping ('key: value' lines), has text"],
    ),
    ("site: {id: sand-01, area: 410122}\n", "", ["1:1: error: site: is missing"]),
    (
        "mqtt://127.0.0.1",
        "tcp://127.0.0.1",
        ["3:3: error: broker.url: needs mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS"],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1:99999",
        ["3:3: error: broker.url: needs mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS"],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1/topic",
        [
            "3:3: error: broker.url: ends after the port; if a password holds / ? or #, give it as password: instead"
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  keepalive: 1h\n  ca_file: /ca.pem\nworkers: 0",
        [
            "5:3: warning: broker.ca_file: is not used: an mqtt:// broker is not encrypted; use mqtts://",
            "6:1: error: workers: needs auto, or a whole number from 1 to 256",
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  password: !env PW",
        [
            "4:3: error: broker.password: has an unknown tag; only !secret NAME is known, "
            "and a value that begins with ! needs quotes"
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  password: !secret [a]",
        ["4:3: error: broker.password: !secret is followed by one name"],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  password: !secret ../etc/shadow",
        [
            "4:3: error: broker.password: a secret's name has letters, digits, - _ and . only, "
            "and begins with a letter or digit"
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  password: !secret broker-pw",
        [
            "4:3: error: broker.password: no secret 'broker-pw'; looked for $CREDENTIALS_DIRECTORY/broker-pw, "
            "$SANDWATCH_SECRETS_DIR/broker-pw, $SANDWATCH_SECRET_BROKER_PW"
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\n  password: hunter2",
        [
            "2:1: error: broker: has a password and no username",
            "4:3: warning: broker.password: is written in the open; better keep it in a secret and write !secret NAME",
        ],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://me:hunter2@127.0.0.1",
        ["3:3: warning: broker.url: holds a password; better give it apart, as password: !secret NAME"],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\ndetector: {kind: onxx, thread: 1}",
        ["4:12: error: detector.kind: there is no kind 'onxx'; did you mean 'onnx'?"],
    ),
    (
        "mqtt://127.0.0.1",
        "mqtt://127.0.0.1\ndetector: {thread: 1}",
        ["4:12: error: detector.thread: is not a known key; did you mean 'threads'?"],
    ),
    (
        "streams:\n",
        "streams:\n  - pump\n",
        ["5:5: error: streams[0]: needs a mapping ('key: value' lines), has text"],
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), FIELDS, ids=[new.strip()[:40] for _, new, _ in FIELDS])
def test_a_mistake_in_a_field(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    assert lines(tmp_path, GOOD.replace(old, new)) == said


WHOLE: list[tuple[str | bytes, str]] = [
    ("", "1:1: error: is empty; begin with config/site.example.yaml"),
    ("# nothing\n", "1:1: error: is empty; begin with config/site.example.yaml"),
    ("- a\n", "1:1: error: needs a mapping ('key: value' lines) at the top"),
    ("hello\n", "1:1: error: needs a mapping ('key: value' lines) at the top"),
    ("site:\n\tid: x\n", "2:1: error: is indented with a tab; use spaces"),
    ("a: [1, 2\n", "1:4: error: a list in [ ] lacks a comma or is not closed"),
    ("a: 'x\n", "1:4: error: a quote is opened and never closed"),
    (
        "a: b: c\n",
        "1:5: error: a colon is not expected here; check the indentation, or quote a value that holds ': '",
    ),
    ("a: @x\n", "1:4: error: a value cannot begin with this character; put the value in single quotes"),
    ('a: "\\d"\n', "1:6: error: a backslash inside double quotes begins an escape; use single quotes"),
    (
        'a: "\\UFFFFFFFF"\n',
        "1:1: error: has an escape in double quotes that is no character; use single quotes",
    ),
    (
        "a: 1\n b: 2\n",
        "2:3: error: a colon is not expected here; check the indentation, or quote a value that holds ': '",
    ),
    ("a: 1\n---\nb: 2\n", "2:1: error: a second document begins here; a site file is one document"),
    (
        "a: *b\n",
        "1:4: error: refers to an anchor that is not defined above; a value that begins with * needs quotes",
    ),
    (
        "a: &a [*a]\n",
        "1:8: error: refers to an anchor that is not defined above; a value that begins with * needs quotes",
    ),
    (
        "a: \x07\n",
        "1:4: error: has a character that cannot be printed; delete it or write it as an escape in double quotes",
    ),
    ("[" * 100 + "]" * 100, "1:26: error: is nested more than 24 levels deep"),
    (b"site:\n  id: \xb3\xa4\n", "2:7: error: is not UTF-8; save the file as UTF-8"),
    (GOOD.encode("utf-16"), "1:1: error: is not UTF-8; save the file as UTF-8"),
    (b"#" * 3_000_000, "1:1: error: is larger than 2 MB; is this a site file?"),
]


@pytest.mark.parametrize(("text", "said"), WHOLE, ids=[repr(text)[:30] for text, _ in WHOLE])
def test_a_file_that_is_no_site(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert lines(tmp_path, text) == [said]


@pytest.mark.parametrize(
    ("first", "second", "port"),
    [
        ("rtmp://0.0.0.0/a", "rtmp://0.0.0.0:1935/b", "rtmp:1935"),
        ("srt://0.0.0.0:9000", "SRT://0.0.0.0", "srt:9000"),
        ("rtmp://0.0.0.0:1935/a", "rtmp://0.0.0.0:1936/a", None),
        ("rtmp://0.0.0.0:9000/a", "srt://0.0.0.0:9000", None),  # TCP and UDP
    ],
)
def test_two_streams_on_one_port(tmp_path: Path, first: str, second: str, port: str | None) -> None:
    text = GOOD + "".join(
        f"  - {{name: {name}, kind: push, listen: '{listen}', key: !secret drone}}\n"
        for name, listen in (("a", first), ("b", second))
    )
    clash = (
        f"14:27: error: streams[2].listen: two streams listen on {port} (first on line 13); "
        "every stream needs a port of its own"
    )
    secrets = {"SANDWATCH_SECRET_DRONE": "stream-key-7319"}
    assert lines(tmp_path, text, secrets) == ([clash] if port else [])


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    merges = "m: &m {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\n"
    for text in (bomb, merges + "n: {<<: [" + ", ".join(["*m"] * 1000) + "]}\n"):
        assert lines(tmp_path, text)[0].endswith(
            "error: holds far more values than a site can have; are aliases repeated in aliases?"
        )


def test_a_file_that_is_not_there_or_may_not_be_read(tmp_path: Path) -> None:
    assert report(tmp_path / "none.yaml")[0][0] == f"{tmp_path}/none.yaml:1:1: error: there is no such file"
    assert report(tmp_path)[0][0] == f"{tmp_path}:1:1: error: is a folder, not a file"


def test_all_mistakes_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    text = GOOD.replace("410122", "4101").replace("mqtt:", "http:").replace("fps: 5", "fps: 99")
    said = lines(
        tmp_path,
        text.replace("1, 1]]", "1, 1.1]]").replace("[pit]", "[pitt]").replace("kind: zone", "kind: zoen"),
    )
    assert [line.split(": ")[2] for line in said] == [
        "site.area",
        "broker.url",
        "streams[0].fps",
        "streams[0].zones.pit[2][1]",
        "streams[0].rules[0].kind",
        "streams[0].rules[0].zones[0]",
    ]


def test_a_bad_key_hides_no_other_mistake(tmp_path: Path) -> None:
    text = GOOD.replace("fps: 5", "fps: 99\n    fps: 5\n    ? [a]\n    : 1\n    <<: 1") + "[x]: y\n"
    assert lines(tmp_path, text) == [
        "7:5: error: streams[0].fps: must be at most 30, is 99",
        "8:5: error: streams[0].fps: is given twice (first on line 7)",
        "9:7: error: streams[0]: has a key that is not a plain word",
        "11:5: error: streams[0]: << needs an alias of a mapping that has no << of its own",
        "17:1: error: has a key that is not a plain word",
    ]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert lines(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == []
    broken = GOOD.replace("fps: 5", "fps: 99").replace("\n", "\r\n").encode()
    assert lines(tmp_path, broken) == ["7:5: error: streams[0].fps: must be at most 30, is 99"]


def test_chinese_says_the_same_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD.replace("[1, 1]]", "]").replace("fps: 5", "fps: 5\n    读: 1"))
    said, code = report(file, "zh", {})
    assert code == 1
    assert said == [
        f"{file}:8:5: 错误：streams[0].读：未知的键；可用：" + RTSP.replace(", ", "、"),
        f"{file}:10:7: 错误：streams[0].zones.pit：至少需要3个点，现有2个",
        f"{file}: 2 个错误",
    ]
