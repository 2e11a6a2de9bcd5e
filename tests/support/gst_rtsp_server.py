"""A real RTSP server (GStreamer) for the tests; runs in the system's Python, which has `gi`.

Prints its port on one line once it listens, and serves until it is killed or its standard input closes.
"""

import argparse
import sys
from typing import NamedTuple

import gi

gi.require_version("Gio", "2.0")
gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


class Unit(NamedTuple):
    """One access unit. key: may be decoded on its own. dts, pts: ns from the start of its clip."""

    data: bytes
    key: bool
    dts: int
    pts: int


# Grey: what stays black for a minute is told as a covered camera.
RAW = (
    "videotestsrc is-live=true pattern=ball background-color=0xff707070"
    " ! video/x-raw,width={width},height={height},framerate={fps}/1,format=I420"
)
LIVE = {
    "h264": RAW
    + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} ! video/x-h264,profile=baseline"
    " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96",
    "h265": RAW
    + " ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} ! h265parse config-interval=-1"
    " ! rtph265pay name=pay0 pt=96",
    "mjpeg": RAW + " ! jpegenc ! rtpjpegpay name=pay0 pt=26",
}
BEEP = (
    "audiotestsrc is-live=true freq=880 ! audioconvert ! audioresample ! audio/x-raw,rate={rate},channels=1"
)
SOUNDS = {
    "pcma": (8000, "alawenc ! rtppcmapay name=pay{index} pt=8"),
    "pcmu": (8000, "mulawenc ! rtppcmupay name=pay{index} pt=0"),
    "opus": (48000, "opusenc ! rtpopuspay name=pay{index} pt=97"),
    "g722": (16000, "avenc_g722 ! rtpg722pay name=pay{index} pt=9"),
    "aac": (48000, "voaacenc ! aacparse ! rtpmp4gpay name=pay{index} pt=97"),
}
FED = (
    "appsrc name=units is-live=true format=time caps=video/x-{codec},stream-format=byte-stream,alignment=au"
    " ! {codec}parse config-interval=-1 ! rtp{codec}pay name=pay0 pt=96"
)
UNPACK = (
    "filesrc name=file ! qtdemux ! {codec}parse config-interval=-1"
    " ! video/x-{codec},stream-format=byte-stream,alignment=au ! appsink name=units sync=false"
)


def access_units(path: str, codec: str) -> list[Unit]:
    """Every access unit of an MP4's video in decoding order, with its parameter sets in band."""
    pipeline = Gst.parse_launch(UNPACK.format(codec=codec))
    pipeline.get_by_name("file").set_property("location", path)
    pipeline.set_state(Gst.State.PLAYING)
    sink, units = pipeline.get_by_name("units"), []
    while (sample := sink.emit("pull-sample")) is not None:
        buffer = sample.get_buffer()
        key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        dts = buffer.dts if buffer.dts != Gst.CLOCK_TIME_NONE else buffer.pts
        units.append(Unit(buffer.extract_dup(0, buffer.get_size()), key, dts, buffer.pts))
    pipeline.set_state(Gst.State.NULL)
    if not units:
        sys.exit(f"no {codec} in {path}")
    return units


class Clip(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Clips one after the other and over again, each viewer from the start, with stamps that never jump back."""

    def __init__(self, paths: list[str], codec: str, fps: int) -> None:
        super().__init__()
        self.period = Gst.SECOND // fps
        self.units: list[Unit] = []
        for path in paths:
            self.append(access_units(path, codec))
        self.set_launch(f"( {FED.format(codec=codec)} )")

    def append(self, units: list[Unit]) -> None:
        offset = len(self.units) * self.period - units[0].dts
        self.units += [unit._replace(dts=unit.dts + offset, pts=unit.pts + offset) for unit in units]

    def do_configure(self, media: GstRtspServer.RTSPMedia) -> None:
        source = media.get_element().get_by_name("units")
        number = 0

        def push() -> bool:
            nonlocal number
            turns, place = divmod(number, len(self.units))
            number += 1
            passed = turns * len(self.units) * self.period
            return bool(
                source.emit("push-buffer", self.buffer(self.units[place], passed)) == Gst.FlowReturn.OK
            )

        if push():
            GLib.timeout_add(self.period // Gst.MSECOND, push)

    def buffer(self, unit: Unit, passed: int) -> Gst.Buffer:
        buffer = Gst.Buffer.new_wrapped(unit.data)
        buffer.dts, buffer.pts, buffer.duration = unit.dts + passed, unit.pts + passed, self.period
        if not unit.key:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        return buffer


def factory(options: argparse.Namespace) -> GstRtspServer.RTSPMediaFactory:
    if options.file:
        return Clip(options.file, options.codec, options.fps)
    made = GstRtspServer.RTSPMediaFactory()
    width, _, height = options.size.partition("x")
    video = LIVE[options.codec].format(
        width=width, height=height, fps=options.fps, gop=options.gop or options.fps
    )
    rate, packed = SOUNDS[options.sound]
    audio = f"{BEEP.format(rate=rate)} ! {packed}"
    match options.audio:
        case "only":
            made.set_launch(f"( {audio.format(index=0)} )")
        case "with":
            made.set_launch(f"( {video} {audio.format(index=1)} )")
        case _:
            made.set_launch(f"( {video} )")
    return made


def secure(server: GstRtspServer.RTSPServer, certificate: str) -> None:
    """RTSP inside TLS from the first byte (rtsps://). certificate: a PEM file with the key in it."""
    auth = server.get_auth() or GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    server.set_auth(auth)


def guard(server: GstRtspServer.RTSPServer, made: GstRtspServer.RTSPMediaFactory, login: str) -> None:
    """Ask for `user:password` by Digest (RFC 7616) before anything is described."""
    user, _, password = login.partition(":")
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    made.set_permissions(permissions)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", default="h264", choices=LIVE)
    parser.add_argument("--file", action="append", help="an MP4 to loop; more than once: one after the other")
    parser.add_argument("--audio", choices=["none", "only", "with"], default="none")
    parser.add_argument("--sound", choices=SOUNDS, default="pcma", help="a tone of 880 Hz")
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--gop", type=int, help="pictures between two key frames; usually one second of them")
    parser.add_argument("--certificate", help="PEM with its key: speak TLS")
    parser.add_argument("--login", help="user:password")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", default="0")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(options.address)
    server.set_service(options.port)
    made = factory(options)
    if options.login:
        guard(server, made, options.login)
    if options.certificate:
        secure(server, options.certificate)
    server.get_mount_points().add_factory("/cam", made)
    loop = GLib.MainLoop()
    if not server.attach(None):
        sys.exit(f"cannot listen on port {options.port}")
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print(server.get_bound_port(), flush=True)
    loop.run()


main()
