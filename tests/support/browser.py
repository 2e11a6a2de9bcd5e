"""Chromium, asked to play a file to its end."""

import functools
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from queue import Queue
from typing import Any

# A cold browser on a loaded machine, s; nothing waits this long unless it is broken.
_PATIENCE = 120.0
_PAGE = b"""<!doctype html><video id=clip src=clip.mp4 muted autoplay></video><script>
const clip = document.getElementById("clip"), seen = [];
clip.playbackRate = 4;
clip.ontimeupdate = () => seen.push(clip.currentTime);
const tell = (how) => fetch("/told", {method: "POST", body: JSON.stringify({how, seen,
  seconds: clip.duration, reached: clip.currentTime, width: clip.videoWidth, height: clip.videoHeight,
  pictures: clip.getVideoPlaybackQuality().totalVideoFrames, error: clip.error && clip.error.message})});
clip.onended = () => tell("ended");
clip.onerror = () => tell("error");
</script>"""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, clip: bytes, told: "Queue[dict[str, Any]]", *arguments: Any) -> None:
        self._clip, self._told = clip, told
        super().__init__(*arguments)

    def do_GET(self) -> None:
        body, kind = {"/": (_PAGE, "text/html"), "/clip.mp4": (self._clip, "video/mp4")}.get(
            self.path, (b"", "text/plain")
        )
        self._answer(body, kind)

    def do_POST(self) -> None:
        self._told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"", "text/plain")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def played(clip: Path) -> dict[str, Any]:
    """How it went: how ("ended" or "error"), seconds, reached, seen, width, height, pictures, error."""
    told: Queue[dict[str, Any]] = Queue()
    handler = functools.partial(_Handler, clip.read_bytes(), told)
    profile = tempfile.mkdtemp(prefix="browser-")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = f"http://127.0.0.1:{server.server_port}/"
        command = [chromium(), *_FLAGS, f"--user-data-dir={profile}", page]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return told.get(timeout=_PATIENCE)
        finally:
            browser.terminate()
            browser.wait(_PATIENCE)
            server.shutdown()
            shutil.rmtree(profile, ignore_errors=True)


def chromium() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    assert found is not None, "the tests need a Chromium: make system"
    return found
