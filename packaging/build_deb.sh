#!/bin/sh
# packaging/build_deb.sh PIP OUT: the Debian package into the folder OUT.
# PIP: a pip (23 or newer) of any environment. The packages come from requirements.lock, every hash checked.
# The environment is made with the system's own Python, which is the one that it will run on: build on the release
# that it is for. It is made in a staging folder, and no file keeps a word of that.
set -eu
umask 022
pip=$1
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
venv=$stage/opt/sandwatch
mkdir -p "$stage/DEBIAN" "$stage/usr/bin" "$stage/usr/share/sandwatch" "$stage/usr/share/doc/sandwatch/examples" \
    "$stage/usr/lib/systemd/system" "$stage/usr/lib/sysusers.d" "$stage/usr/lib/tmpfiles.d" "$work/source"

echo "[1/4] the pinned packages"
"$python" -m venv --without-pip "$venv"
"$pip" --python "$venv/bin/python" install --quiet --disable-pip-version-check --no-compile --require-hashes \
    -r "$root/requirements.lock"

echo "[2/4] sandwatch"
# A copy: a build in the working tree would take up what an older build left there.
for part in edge streams inference relay config pyproject.toml README.md LICENSE NOTICE; do
    cp -r "$root/$part" "$work/source/"
done
"$pip" --python "$venv/bin/python" install --quiet --disable-pip-version-check --no-compile --no-deps \
    --no-build-isolation "$work/source"
find "$venv/bin" -mindepth 1 ! -name 'python*' ! -name sandwatch -delete
find "$venv" -name direct_url.json -path '*sandwatch-*' -delete
find "$venv" -name __pycache__ -type d -prune -exec rm -rf {} +
sed -i "s|$stage||g" "$venv/bin/sandwatch" "$venv/pyvenv.cfg"
"$venv/bin/python" -m compileall -q -s "$stage" -p / "$venv/lib"
if grep -rlF "$work" "$stage"; then
    echo "these files name the folder they were built in" >&2
    exit 1
fi

echo "[3/4] unit, account, folders, papers"
install -m 755 "$root/packaging/sandwatch.sh" "$stage/usr/bin/sandwatch"
install -m 644 "$root/systemd/sandwatch.service" "$stage/usr/lib/systemd/system/sandwatch.service"
install -m 644 "$root/systemd/sandwatch.sysusers" "$stage/usr/lib/sysusers.d/sandwatch.conf"
install -m 644 "$root/systemd/sandwatch.tmpfiles" "$stage/usr/lib/tmpfiles.d/sandwatch.conf"
install -m 644 "$root/config/site.example.yaml" "$stage/usr/share/sandwatch/site.yaml"
install -m 644 "$root"/systemd/examples/*.conf "$stage/usr/share/doc/sandwatch/examples/"
install -m 644 "$root"/docs/*.md "$root/NOTICE" "$stage/usr/share/doc/sandwatch/"
install -m 644 "$root/LICENSE" "$stage/usr/share/doc/sandwatch/copyright"

echo "[4/4] the package"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/pyproject.toml")
minor=$("$python" -c 'import sys; print(sys.version_info.minor)')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$(dpkg --print-architecture)/" \
    -e "s/@SIZE@/$(du -sk "$stage" | cut -f 1)/" -e "s/@PYTHON@/3.$minor/" -e "s/@NEXT@/3.$((minor + 1))/" \
    "$root/packaging/debian/control.in" > "$stage/DEBIAN/control"
install -m 755 "$root/packaging/debian/postinst" "$root/packaging/debian/prerm" "$root/packaging/debian/postrm" "$stage/DEBIAN/"
(cd "$stage" && find opt usr -type f -print0 | sort -z | xargs -0 md5sum) > "$stage/DEBIAN/md5sums"
dpkg-deb --root-owner-group -Zzstd --build "$stage" "$out"
