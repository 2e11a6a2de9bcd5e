"""A live camera whose pictures tell when they were taken; runs in the system's Python, which has `gi`.

python3 camera.py FILE WIDTH HEIGHT FPS SHOWN...    FILE: I420 pictures, shown over and over from /cam, the same to all.
Prints its port, then at each picture of number SHOWN when it was taken, s since 1970. Ends with its standard input.
"""

import mmap
import sys
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
import timecode  # type: ignore[import-not-found]  # noqa: E402  (beside this script)
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

# As cameras are set up: no B pictures, no look-ahead, a key frame every 2 s, a bit rate held within the second.
ENCODED = (
    "appsrc name=pictures is-live=true format=time do-timestamp=true"
    " caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1"
    " ! x264enc tune=zerolatency speed-preset=superfast bframes=0 key-int-max={gop} bitrate=1500 threads=1"
    " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96"
)


class Live(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """One encoder for everybody who watches."""

    def __init__(self, pictures: bytes, width: int, height: int, fps: int, shown: set[int]) -> None:
        super().__init__()
        self._pictures, self._width, self._fps, self._shown = pictures, width, fps, shown
        self._size = width * height * 3 // 2
        self._count = len(pictures) // self._size
        self._number = 0
        self.set_launch(f"( {ENCODED.format(width=width, height=height, fps=fps, gop=2 * fps)} )")
        self.set_shared(True)

    def do_configure(self, media: GstRtspServer.RTSPMedia) -> None:
        source = media.get_element().get_by_name("pictures")
        start, pushed = time.monotonic(), 0

        def push() -> bool:
            nonlocal pushed
            pushed += 1
            if source.emit("push-buffer", self._picture()) != Gst.FlowReturn.OK:
                return False
            # Reckoned from the start: a timer that is late once must not be late for ever.
            left = start + pushed / self._fps - time.monotonic()
            GLib.timeout_add(max(0, round(left * 1000)), push)
            return False

        push()

    def _picture(self) -> Gst.Buffer:
        place, now = self._number % self._count, time.time()
        self._number += 1
        if place in self._shown:
            print(now, flush=True)
        start, luma = place * self._size, timecode.ROWS * self._width
        return Gst.Buffer.new_wrapped(
            timecode.band(now, self._width) + self._pictures[start + luma : start + self._size]
        )


def main() -> None:
    path, width, height, fps, *shown = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    with Path(path).open("rb") as file:
        pictures = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    live = Live(pictures, int(width), int(height), int(fps), set(map(int, shown)))  # type: ignore[arg-type]
    server.get_mount_points().add_factory("/cam", live)
    loop = GLib.MainLoop()
    server.attach(None)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print(server.get_bound_port(), flush=True)
    loop.run()


main()
