"""Site files to break."""

from pathlib import Path

from edge.check import report

GOOD = """\
site: {id: sand-01, area: 410122}
broker:
  url: mqtt://127.0.0.1
streams:
  - name: gate
    url: rtsp://192.0.2.1/live
    fps: 5
    zones:
      pit: [[0, 0], [1, 0], [1, 1]]
    rules:
      - kind: zone
        zones: [pit]
"""

ALL = """\
site: {id: sand-01, title: North, area: "410122", time_zone: Asia/Shanghai}
broker:
  url: mqtts://centre.example:8884
  username: box
  password: "pw-broker-7319"
  ca_file: /etc/ca.pem
  client_id: box-1
  keepalive: 30s
storage: {path: /tmp/sandwatch}
detector: {kind: onnx, threads: 2}
workers: 2
log: {level: info, format: json}
streams:
  - name: gate
    title: Gate
    url: rtsp://admin:pw-url-7319@192.0.2.1:554/live?password=pw-query-7319
    username: admin
    password: pw-camera-7319
    transport: tcp
    connect_timeout: 5s
    fps: 2.5
    zones:
      pit: [[0, 0], [1, 0], [1, 1]]
      road: [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.2]]
    rules:
      - kind: zone
        zones: [pit, road]
        objects: [heavy_vehicle]
        dwell: 3s
        schedule: [{days: [mon, sat], from: "19:00", to: "06:00"}]
        whistle: quick
  - name: clip
    kind: file
    path: /srv/clip.mp4
    loop: false
  - {name: mast, kind: folder, path: /srv/mast, every: 1min}
"""
MARKER = "7319"  # in every secret of ALL, and nowhere else


def lines(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> list[str]:
    """What check says of a file with this text, without the folder's name and the summary."""
    file = folder / "site.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    said, _ = report(file, "en", environ or {})
    return [line.removeprefix(f"{folder}/site.yaml:") for line in said[:-1]]
