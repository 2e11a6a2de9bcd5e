#!/bin/sh
# packaging/test_deb.sh DEB [SUITE]: installs the package in a clean Debian root, as root; needs debootstrap.
# There: account and folders, the unit, doctor, one event of the demo; then an upgrade, a removal and a purge.
set -eu
deb=$(realpath "$1")
suite=${2:-bookworm}
root=$(mktemp -d)
broker=""
leave() {
    [ -z "$broker" ] || kill "$broker"
    ! mountpoint -q "$root/proc" || umount "$root/proc"
    rm -rf --one-file-system "$root"
}
trap leave EXIT
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root "$@"; }
as_service() { inside setpriv --reuid=sandwatch --regid=sandwatch --init-groups -- "$@"; }
step() { echo "== $*"; }

step "a clean root"
debootstrap --variant=minbase --include=python3,ca-certificates,systemd,mosquitto "$suite" "$root" > "$root.log" 2>&1 ||
    { tail -20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
chmod 755 "$root" # or no other account gets in
mount -t proc proc "$root/proc"
cp "$deb" "$root/root/sandwatch.deb"

step "install"
inside dpkg -i /root/sandwatch.deb
inside sandwatch version
test "$(inside stat -c '%U %a' /var/lib/sandwatch)" = "sandwatch 700"
test "$(inside stat -c '%U %a' /etc/sandwatch/secrets)" = "root 700"
test "$(inside stat -c '%U %a' /var/lib/sandwatch/site.yaml)" = "sandwatch 600"
inside sandwatch check /etc/sandwatch/site.yaml
test -z "$(inside systemd-analyze verify --man=no sandwatch.service 2>&1)"

step "doctor"
cat > "$root/var/lib/sandwatch/site.yaml" << 'SITE'
site: {id: box-1, area: "410122"}
broker: {url: "mqtt://127.0.0.1:18830", acknowledge: broker, username: box, password: !secret broker-password}
detector: {kind: onnx, model: sandwatch-nano}
evidence: {free_gigabytes: 0.1}
streams:
  - name: clip
    kind: file
    path: /opt/sandwatch/lib/python3/site-packages/edge/config/demo/clip.mp4
    rules: [{kind: zone}]
SITE
clip=$(cd "$root" && echo opt/sandwatch/lib/python3.*/site-packages/edge/config/demo/clip.mp4)
sed -i "s|path: .*|path: /$clip|" "$root/var/lib/sandwatch/site.yaml"
(umask 077 && echo opensesame > "$root/etc/sandwatch/secrets/broker-password")
inside mosquitto_passwd -b -c /root/passwords box opensesame
printf 'listener 18830 127.0.0.1\nuser root\npassword_file /root/passwords\n' > "$root/root/mosquitto.conf"
chroot "$root" /usr/sbin/mosquitto -c /root/mosquitto.conf 2> /dev/null &
broker=$!
until inside python3 -c 'import socket; socket.create_connection(("127.0.0.1", 18830))' 2> /dev/null; do
    kill -0 "$broker" # it died: so do we
    sleep 0.2
done
inside sandwatch doctor
inside sandwatch doctor --json > "$root/root/doctor.json"
kill "$broker"
broker=""

step "an event, from a camera to a broker"
as_service sh -c 'cd /var/lib/sandwatch && sandwatch demo --seconds 45'

step "upgrade, removal, purge"
echo kept > "$root/var/lib/sandwatch/kept"
inside dpkg -i /root/sandwatch.deb
inside grep -q box-1 /etc/sandwatch/site.yaml
inside dpkg -r sandwatch
test -e "$root/var/lib/sandwatch/kept" && test ! -e "$root/opt/sandwatch" && test ! -e "$root/usr/bin/sandwatch"
inside dpkg -i /root/sandwatch.deb
inside grep -q box-1 /etc/sandwatch/site.yaml
inside dpkg -P sandwatch
test ! -e "$root/var/lib/sandwatch" && test ! -e "$root/etc/sandwatch"
echo "ok: $(basename "$deb") in $suite"
