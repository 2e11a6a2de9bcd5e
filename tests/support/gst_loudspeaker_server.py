"""A camera with a loudspeaker (GStreamer's ONVIF RTSP server) for the tests; runs in the system's Python, which has `gi`.

Prints its port on one line once it listens. Whatever the loudspeaker plays goes to a file as records: when it was
heard (float64, s of the monotonic clock), its length in bytes (uint32), and that much PCM (int16, mono).
"""

import argparse
import struct
import sys
import time
from typing import BinaryIO

import gi

gi.require_version("Gio", "2.0")
gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

# Nobody takes the picture here, and a source that finds nobody would end the loudspeaker as well.
VIDEO = (
    "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=5/1,format=I420"
    " ! errorignore ignore-notlinked=true convert-to=ok"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 pt=96 )"
)
CAPS = "application/x-rtp,media=audio,payload={payload},clock-rate={rate},encoding-name={name}"
AAC = (
    ",encoding-params=(string)1,streamtype=(string)5,profile-level-id=(string)15,mode=(string)AAC-hbr,"
    "sizelength=(string)13,indexlength=(string)3,indexdeltalength=(string)3,config=(string)1408"
)
CODECS = {
    "pcmu": (CAPS.format(payload=0, rate=8000, name="PCMU"), "rtppcmudepay ! mulawdec"),
    "pcma": (CAPS.format(payload=8, rate=8000, name="PCMA"), "rtppcmadepay ! alawdec"),
    "aac": (
        CAPS.format(payload=97, rate=16000, name="MPEG4-GENERIC") + AAC,
        "rtpmp4gdepay ! avdec_aac ! audioconvert",
    ),
    "g722": (CAPS.format(payload=9, rate=8000, name="G722"), "rtpg722depay ! avdec_g722"),
}
SPEAKER = (
    '( capsfilter caps="{caps}" name=depay_backchannel ! {decoder}'
    " ! audio/x-raw,format=S16LE,channels=1 ! fakesink name=heard signal-handoffs=true sync=false async=false )"
)


class Camera(GstRtspServer.RTSPOnvifMediaFactory):  # type: ignore[misc]
    """Every client has the loudspeaker to itself."""

    def __init__(self, codec: str, heard: BinaryIO) -> None:
        super().__init__()
        self.heard = heard
        self.set_launch(VIDEO)
        self.set_media_gtype(GstRtspServer.RTSPOnvifMedia)
        caps, decoder = CODECS[codec]
        self.set_backchannel_launch(SPEAKER.format(caps=caps, decoder=decoder))

    def do_configure(self, media: GstRtspServer.RTSPMedia) -> None:
        sink = media.get_element().get_by_name("heard")
        if sink is not None:
            sink.connect("handoff", self.note)

    def note(self, _: Gst.Element, buffer: Gst.Buffer, __: Gst.Pad) -> None:
        size = buffer.get_size()
        self.heard.write(struct.pack("=dI", time.monotonic(), size) + buffer.extract_dup(0, size))
        self.heard.flush()


def guard(
    server: GstRtspServer.RTSPServer, made: GstRtspServer.RTSPMediaFactory, options: argparse.Namespace
) -> None:
    """Ask for `user:password` before anything is described."""
    user, _, password = options.login.partition(":")
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    if options.basic:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    made.set_permissions(permissions)


def secure(server: GstRtspServer.RTSPServer, certificate: str) -> None:
    auth = server.get_auth() or GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    server.set_auth(auth)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heard", required=True)
    parser.add_argument("--codec", default="pcma", choices=[*CODECS, "none"])
    parser.add_argument("--login", help="user:password")
    parser.add_argument("--basic", action="store_true")
    parser.add_argument("--certificate", help="PEM with its key: speak TLS")
    parser.add_argument("--timeout", type=int, default=60, help="of a session, s")
    parser.add_argument("--port", default="0")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    Gst.init(None)
    speaks = options.codec != "none"
    server = GstRtspServer.RTSPOnvifServer.new() if speaks else GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    heard = open(options.heard, "ab")  # noqa: PTH123, SIM115 (for as long as the process lives)
    if speaks:
        made = Camera(options.codec, heard)
    else:
        made = GstRtspServer.RTSPMediaFactory()
        made.set_launch(VIDEO)
    if options.login:
        guard(server, made, options)
    if options.certificate:
        secure(server, options.certificate)
    server.get_mount_points().add_factory("/cam", made)
    loop = GLib.MainLoop()
    if not server.attach(None):
        sys.exit(f"cannot listen on port {options.port}")
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    loop.run()


main()
