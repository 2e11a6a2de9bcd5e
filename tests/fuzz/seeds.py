"""Good words, before anybody spoils them: made here, the same ones on every machine."""

import json
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from pymavlink.dialects.v20 import common as mavlink

from edge.evidence.choosing import Wanted
from streams.push.amf import encode
from streams.push.chunks import written
from tests.support.chained import Box
from tests.support.parcels import feature, geojson, shape, square
from tests.support.telemetry import cell, here, item, nmea, packet, signed

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=candidate:1 1 udp 2130706431 192.168.1.7 50000 typ host",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:96 H264/90000",
        "a=rtcp-fb:96 nack pli",
        "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:2",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=sctp-port:5000",
        "",
    ]
).encode()
FRAGMENT = b"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + (
    b"a=candidate:1 1 udp 2130706431 192.168.1.7 50000 typ host\r\na=end-of-candidates\r\n"
)
SPS = bytes.fromhex("6742c01e95a0280bfe54")
SUBTITLES = (
    b"1\n00:00:00,000 --> 00:00:00,033\n2026-07-08 16:12:57.018 [latitude: 31.229247] [longitude: 121.634603] "
    b"[rel_alt: 79.969 abs_alt: 96.474] [gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.0] GPS(121.5,31.5,0.0M)\n"
)
OSD = (
    b'{"timestamp":1700000000250,"data":{"latitude":31.2,"longitude":121.6,"height":116.2,"attitude_head":-170.5,'
    b'"position_state":{"gps_number":17},"61-0-0":{"gimbal_pitch":-45.5,"measure_target_error_state":0,'
    b'"measure_target_latitude":31.21,"measure_target_longitude":121.61}}}'
)
NMEA = (
    nmea("GNHDT,91.5,T")
    + nmea("GNRMC,120000.00,A,3112.0000,N,12136.0000,E,10.0,84.4,010526,,,A")
    + nmea("GNGGA,120000.00,3112.0000,N,12136.0000,E,1,12,0.8,15.5,M,9.5,M,,")
)
_KLV = packet([*here(31, 121), item(19, signed(4, 180, -45)), item(104, bytes.fromhex("2F921E"))])
KLV = _KLV + cell(_KLV)
PROBE_MATCH = (
    b'<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    b' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Body><d:ProbeMatches><d:ProbeMatch>'
    b"<d:Scopes>onvif://www.onvif.org/name/Gate%20Cam onvif://www.onvif.org/hardware/DS-2DE</d:Scopes>"
    b"<d:XAddrs>http://192.168.1.64/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)
SITE = b"""\
site: {id: gate-1, title: "\xe9\xbb\x84\xe6\xb2\xb3", area: "410122", position: [34.758210, 113.623340]}
broker: {url: "mqtt://127.0.0.1", keepalive: 30s, may: [status, look]}
storage: &place {path: /var/lib/sandwatch, waiting: {events: 1000, age: 30d}}
workers: 2
log: {level: info, format: json}
rosters:
  - name: day
    shifts: [{days: weekdays, from: "08:00", to: "20:00", officers: [a, b]}]
streams:
  - name: gate
    url: "rtsp://192.168.1.64:554/a"
    fps: 2
    zones: {gate: [[0, 0], [1, 0], [1, 1]]}
    rules:
      - {kind: zone, zones: [gate], objects: [heavy_vehicle], dwell: 0.4s, schedule: {from: "19:00", to: "06:00"}}
      - kind: count
        line: [[0, 0], [1, 1]]
"""
_DATED = {"id": "x1", "at": 1_700_000_000.0, "token": "0123456789abcdef"}
LETTERS = tuple(
    json.dumps({"v": 1, **_DATED, **more}).encode()
    for more in (
        {"op": "open", "purpose": "talk", "group": "g", "member": "m", "offer": "v=0"},
        {
            "op": "trickle",
            "session": "s",
            "etag": "*",
            "candidates": ["candidate:1 1 udp 1 10.0.0.1 5 typ host"],
        },
        {
            "op": "floor",
            "session": "s",
            "message": {"v": 1, "type": "request", "press": 1, "urgency": "normal"},
        },
        {"op": "call", "caller": "a", "members": ["b", "c"], "subject": "x"},
    )
)
CASE_WORDS = (
    b'{"kind":"received","events":["a/0","a/1"]}',
    b'{"v":1,"kind":"dispatched","id":"w1","by":"b","time":"2026-05-01T08:00:00+08:00","unit":"u","officers":["a"],'
    b'"deadline":"2026-05-01T09:00:00+08:00"}',
)
FLOOR = b'{"v":1,"type":"request","press":1,"urgency":"normal"}'
WORKER = (
    b'{"kind":"camera","camera":"gate","state":"live"}',
    b'{"kind":"ready","pid":7,"goes_on":[]}',
    b'{"kind":"beat","cameras":{"gate":{"pictures":3,"analysed":2,"dropped":0,"reconnects":0}},"rss":1,"cpu":0.5}',
)
ORDERS = tuple(
    f"{name} ".encode() + json.dumps({"v": 1, "id": "a1", "reply_to": "centre/2", **fields}).encode()
    for name, fields in (
        ("look", {"camera": "gate"}),
        ("status", {}),
        ("mute", {"camera": "gate", "rule": "zone", "seconds": 60}),
        ("snapshot", {"camera": "pit"}),
        (
            "clip",
            {"camera": "gate", "since": "2026-05-01T08:00:00+08:00", "until": "2026-05-01T08:00:10+08:00"},
        ),
        ("ptz", {"camera": "gate", "preset": "1"}),
        ("upload", {"uri": "evidence/gate/a.jpg"}),
        ("config.apply", {"yaml": "site: {id: x}", "sha256": "0" * 64}),
        ("land", {"camera": "gate"}),
        ("config.get", {}),
    )
)

AMF = encode("connect", 1.0, {"app": "live", "tcUrl": "rtmp://127.0.0.1/live"})


@cache
def rtmp() -> bytes:
    """What an encoder sends: handshake, connect, publish, a picture (Adobe RTMP 1.0, 5.2 and 7.2)."""
    hello = bytes([3]) + bytes(1536) + bytes(1536)
    calls = (
        AMF,
        encode("createStream", 2.0, None),
        encode("publish", 3.0, None, "gate", "live"),
    )
    said = b"".join(written(20, call, number=3, size=128) for call in calls)
    return hello + said + written(9, b"\x17\x01\0\0\0" + bytes(300), number=4, size=128)


@cache
def mavlinks() -> bytes:
    link = mavlink.MAVLink(None, srcSystem=1)
    sent = (
        link.system_time_encode(1_700_000_000_000_000, 4000),
        mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 1, 64, [1, 0, 0, 0], 0, 0, 0, 0),
        link.attitude_encode(5000, 0.1, -0.2, 1, 0, 0, 0),
        link.global_position_int_encode(1, 312_000_000, 1_216_000_000, 1, 1, 1, 1, 1, 9000),
    )
    return b"".join(bytes(message.pack(link)) for message in sent)


def prepare(folder: Path) -> None:
    """Files to spoil: parcels, and a bundle of evidence."""
    geojson(
        folder / "parcels.geojson", feature(square()), feature(square(0.01), square(0.0102, 0.0002, 0.0002))
    )
    shape(folder / "parcels.shp", [square()[::-1]], [square(0.01)[::-1]])
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    box = Box(folder / "storage", given=SecretStr(text))
    box.told(
        box.event("a", 0, {"gate/a.jpg": b"picture" * 40}),
        box.event("b", 0),
        box.event("a", 1, {"a.mp4": b"clip" * 40}),
    )
    box.export(folder / "bundle.zip", Wanted(("a",)))
