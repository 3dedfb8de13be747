#!/usr/bin/env bash
# build-deb.sh [OUTDIR] - the Debian packages of what is checked in here, into
# OUTDIR (default: build/deb).  Needs debhelper, dh-python and what building needs.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=$(mkdir -p "${1:-$root/build/deb}" && cd "${1:-$root/build/deb}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$root/deploy/debian/changelog")
tree=$work/bulkhead-$version
mkdir "$tree"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 cp --parents -t "$tree")
cp -r "$tree/deploy/debian" "$tree/debian"
# The later of two builds is the newer package.
if [ -n "${BULKHEAD_DEB_VERSION:-}" ]; then
	sed -i "1s/($version)/($BULKHEAD_DEB_VERSION)/" "$tree/debian/changelog"
fi
(cd "$tree" && DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -b -us -uc -d) \
	>"$out/build.log" 2>&1 || { tail -n 30 "$out/build.log" >&2; exit 1; }
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out"
ls "$out"/*.deb
