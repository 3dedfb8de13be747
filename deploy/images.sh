#!/bin/sh
# images.sh BASE BINDIR - builds localhost/bulkhead (all in one) and
# localhost/bulkhead-{broker,authd,smbd,fsd,clientd} from BASE, an image of
# Debian 12 with the libraries that `depends.sh runtime` names, and BINDIR, the
# bin folder of a release build.  No registry is asked.
set -eu
[ $# = 2 ] || { echo "usage: $0 BASE BINDIR" >&2; exit 2; }
here=$(dirname "$0")
engine=${CONTAINER_ENGINE:-podman}
# OCI images have no health checks; podman makes the other kind when told to.
case $engine in *podman) format="--format docker" ;; *) format= ;; esac
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
mkdir "$context/bin"
for p in bulkhead bulkhead-broker bulkhead-authd bulkhead-smbd bulkhead-fsd bulkhead-clientd; do
	install -s -m 0755 "$2/$p" "$context/bin/"
done
for f in "$here"/Containerfile*; do
	service=${f#"$here"/Containerfile}
	name=bulkhead$(echo "$service" | sed 's/^\./-/')
	"$engine" ${ENGINE_OPTIONS:-} build -q $format ${BUILD_OPTIONS:-} --build-arg "BASE=$1" -f "$f" -t "localhost/$name" "$context"
done
