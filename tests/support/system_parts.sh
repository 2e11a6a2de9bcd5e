#!/bin/sh
# The parts of the test suite that come from Debian or Ubuntu: installed when we may, named when we may not.
set -eu
packages=""
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || packages="$packages mosquitto"
command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1 || packages="$packages ffmpeg"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
command -v turnserver >/dev/null 2>&1 || packages="$packages coturn"
command -v systemd-analyze >/dev/null 2>&1 || packages="$packages systemd"
command -v ip >/dev/null 2>&1 || [ -x /usr/sbin/ip ] || packages="$packages iproute2"
browser=""
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && browser="$name"
done
[ -n "$browser" ] || packages="$packages chromium"
if ! /usr/bin/python3 - >/dev/null 2>&1 <<'PYTHON'
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ("x264enc", "x265enc", "rtph264pay", "h264parse", "qtdemux", "errorignore", "avdec_aac"))
PYTHON
then
    packages="$packages python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
    packages="$packages gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav"
fi
# The model server that one backend is tested against embeds the Python that runs the tests.
library=$("${1:-python3}" -c 'import sys; print("libpython%d.%d" % sys.version_info[:2])')
folder=$("${1:-python3}" -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))')
[ -e "$folder/$library.so.1.0" ] || ldconfig -p | grep -q "$library.so.1.0" || packages="$packages $library"
[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    run=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    run="sudo -n"
else
    echo "The tests need these packages; install them and run make test again:" >&2
    echo "  sudo apt-get install$packages" >&2
    exit 1
fi
echo "installing$packages"
$run apt-get update -qq
# shellcheck disable=SC2086 (a list of words)
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $packages >/dev/null
