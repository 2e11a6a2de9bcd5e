"""A camera for the tests: GStreamer's RTSP server in a process of its own."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

SYSTEM_PYTHON = "/usr/bin/python3"  # the one that has `gi`
SCRIPT = Path(__file__).with_name("gst_rtsp_server.py")


class RtspServer:
    """`with RtspServer() as camera: ... camera.url`. Serves /cam on a free port of `address`.

    files: MP4s to loop, one after the other (H.264 or H.265, as `codec` says); none: a moving test picture.
    login: "user:password", asked for by Digest. audio: none, beside the video, or nothing else; sound: its codec.
    gop: pictures between two key frames. certificate: a PEM with its key, for TLS. port: instead of a free one.
    """

    def __init__(
        self,
        *,
        codec: str = "h264",
        files: Sequence[Path] = (),
        login: str | None = None,
        audio: Literal["none", "with", "only"] = "none",
        sound: Literal["pcma", "pcmu", "opus", "g722", "aac"] = "pcma",
        size: str = "320x240",
        fps: int = 10,
        gop: int | None = None,
        certificate: Path | None = None,
        port: int = 0,
        address: str = "127.0.0.1",
    ) -> None:
        self._options = [f"--codec={codec}", f"--audio={audio}", f"--size={size}", f"--fps={fps}"]
        self._options += [f"--sound={sound}"]
        self._options += [f"--file={path}" for path in files]
        self._options += [f"--gop={gop}"] if gop else []
        self._options += [f"--certificate={certificate}"] if certificate else []
        self._options += [f"--address={address}"]
        self._address = address
        self._scheme = "rtsps" if certificate else "rtsp"
        self._login = login
        self._process: subprocess.Popen[str] | None = None
        self.port = port

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """With the login in it, if there is one."""
        return (
            f"{self._scheme}://{self._login}@{self.place}"
            if self._login
            else f"{self._scheme}://{self.place}"
        )

    @property
    def place(self) -> str:
        return f"{self._address}:{self.port}/cam"

    def start(self) -> None:
        """Start, or start again on the same port."""
        login = [f"--login={self._login}"] if self._login else []
        command = [SYSTEM_PYTHON, str(SCRIPT), *self._options, *login, f"--port={self.port}"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdigit():
            self.kill()
            raise RuntimeError(
                f"GStreamer's RTSP server did not start: {line!r} (python3-gi, gir1.2-gst-rtsp-server-1.0)"
            )
        self.port = int(line)

    def kill(self) -> None:
        """As when the camera loses its power."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None

    def freeze(self) -> None:
        """The sockets stay open, nothing comes."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
