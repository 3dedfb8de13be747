#!/usr/bin/env bash
# depends.sh build|test - installs, through apt, the Debian packages that are
# missing for building, or for building and testing; depends.sh runtime names
# the libraries that an image needs to run.  Where it cannot (no apt,
# not root) it says what is missing and exits 1.
# python3-setuptools, -wheel, -pip and -venv: tests/suites/wheels.py makes the package and installs it.
# podman-compose and python3-yaml: tests/deploy runs and reads the files of deploy/ as they are.
set -u

build="build-essential cmake ninja-build pkg-config libzmq3-dev libssl-dev libseccomp-dev
	libjansson-dev liblmdb-dev libcap-ng-dev heimdal-multidev libedit-dev"
test="$build ccache clang libclang-rt-14-dev libcmocka-dev python3 smbclient samba-testsuite rclone
	python3-impacket python3-zmq python3-pytest python3-setuptools python3-wheel python3-pip python3-venv mypy heimdal-kdc heimdal-clients procps qemu-system-x86 busybox-static
	xxd man-db tshark debhelper dh-python lintian debootstrap podman podman-compose runc python3-yaml
	samba samba-ad-provision samba-dsdb-modules winbind python3-samba python3-pycryptodome iproute2 iptables"

runtime="libzmq5 libssl3 libseccomp2 libjansson4 liblmdb0 libcap-ng0 libedit2 libgssapi3-heimdal
	libkrb5-26-heimdal libhx509-5-heimdal"

case ${1:-} in
runtime) echo $runtime; exit 0 ;;
build) wanted=$build ;;
test) wanted=$test ;;
*) echo "usage: $0 build|test|runtime" >&2; exit 2 ;;
esac

installed() {
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "depends: no apt here; install by hand what Debian 12 calls:" $wanted >&2
	exit 1
fi

missing=
for package in $wanted; do
	installed "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ]; then
	echo "depends: missing:$missing" >&2
	echo "depends: not root; run: sudo apt-get install$missing" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "depends: installing$missing"
if ! apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1; then
	apt-get update -qq
	apt-get install -qq -y --no-install-recommends $missing >/dev/null || {
		echo "depends: apt could not install:$missing" >&2
		exit 1
	}
fi
