#!/usr/bin/env bash
# quickstart.sh [--foreground] | stop | remove - from a clone to a file server that
# a client can use: installs what is missing, builds, makes a demo share and user,
# serves on 127.0.0.1:4450 and prints the lines to try.  Running it again changes
# nothing that is there; remove takes all of it away again.
#
# Environment: QUICKSTART_PORT (4450), QUICKSTART_DIR (where demo share, accounts,
# log and password are kept; as root /var/lib/bulkhead-quickstart, else
# ~/.local/share/bulkhead-quickstart).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/quickstart
bin=$build/bin
port=${QUICKSTART_PORT:-4450}
if [ "$(id -u)" = 0 ]; then
	where=${QUICKSTART_DIR:-/var/lib/bulkhead-quickstart}
	user=bulkhead-demo
else
	where=${QUICKSTART_DIR:-$HOME/.local/share/bulkhead-quickstart}
	user=$(id -un)
fi
conf=$where/bulkhead.conf
pidfile=$where/pid
login=$where/login			# smbclient -A: keeps the password off command lines
password=$where/password		# the same for --password-file

say() { echo "quickstart: $*"; }
die() { echo "quickstart: $*" >&2; exit 1; }

server_pid() {	# prints the pid of our running server, if there is one
	local pid
	pid=$(cat "$pidfile" 2>/dev/null) || return 1
	case $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) in
	*"$conf"*) echo "$pid" ;;
	*) return 1 ;;
	esac
}

stop() {
	local pid n=0
	pid=$(server_pid) || { say "not running"; rm -f "$pidfile"; return 0; }
	kill -TERM "$pid"
	while [ -e "/proc/$pid" ]; do
		n=$((n + 1))
		[ $n -le 150 ] || die "pid $pid does not end; see $where/log"
		sleep 0.1
	done
	rm -f "$pidfile"
	say "stopped"
}

# Only what this script made, and only where it made it.
remove() {
	stop
	[ -e "$login" ] || { say "nothing to remove in $where"; return 0; }
	rm -rf "$where/demo" "$where/state" "$where/run" "$conf" "$login" "$password" \
		"$where/log" "$where/out" "$where/build.log"
	rmdir "$where" 2>/dev/null || say "$where holds something else and stays"
	[ "$(id -u)" != 0 ] || ! id "$user" >/dev/null 2>&1 || userdel "$user"
	say "removed"
}

build() {
	"$root/deploy/depends.sh" build || die "see above"
	say "building (the first time takes a minute or two)"
	{ cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release &&
	  cmake --build "$build" -j "$(nproc)"; } >"$where/build.log" 2>&1 || {
		grep -A5 -iE "error:|error at|undefined reference" "$where/build.log" | head -n 30 >&2
		die "the build failed; all of it is in $where/build.log"
	}
}

# Only as root does the server act as the user who logs on; else as its caller.
make_account() {
	[ "$(id -u)" != 0 ] && return
	id "$user" >/dev/null 2>&1 ||
		useradd --system --no-create-home --home-dir /nonexistent \
			--shell /usr/sbin/nologin --user-group "$user"
}

make_share() {
	[ -e "$where/demo" ] && return
	mkdir -p "$where/demo/pictures"
	printf 'Hello from Bulkhead.\n' >"$where/demo/hello.txt"
	head -c 300000 /dev/urandom >"$where/demo/pictures/noise.bin"
	[ "$(id -u)" != 0 ] || chown -R "$user:" "$where/demo"
}

make_conf() {
	cat >"$conf" <<-E
		[global]
		    listen = 127.0.0.1:$port
		    state directory = $where/state
		    runtime directory = $where/run
		[demo]
		    comment = what quickstart.sh made
		    path = $where/demo
		    read only = no
	E
}

make_login() {
	( umask 077
	  [ -e "$login" ] || printf 'username = %s\npassword = %s\n' "$user" \
		"$(head -c 256 /dev/urandom | tr -dc 'a-zA-Z0-9' | head -c 20)" >"$login"
	  sed -n 's/^password = //p' "$login" >"$password" )
}

add_user() {
	"$bin/bulkhead" -c "$conf" user list --json | grep -q "\"$user\"" && return
	"$bin/bulkhead" -c "$conf" user add "$user" --password-file "$password"
}

serve() {	# in the background, until it says that it is ready
	local n=0
	: >"$where/out"
	setsid "$bin/bulkhead" -c "$conf" serve >"$where/out" 2>>"$where/log" </dev/null &
	echo $! >"$pidfile"
	until grep -q '^ready ' "$where/out"; do
		n=$((n + 1))
		if [ $n -gt 300 ] || ! server_pid >/dev/null; then
			tail -n 20 "$where/log" >&2
			die "the server did not get ready; its log is $where/log"
		fi
		sleep 0.1
	done
}

lines() {
	cat <<-E

	It serves $where/demo on 127.0.0.1:$port; the password of $user is in
	$password.  These lines work as they are:

	    $bin/bulkhead ls -l smb://$user@127.0.0.1:$port/demo --password-file $password
	    $bin/bulkhead get smb://$user@127.0.0.1:$port/demo/hello.txt - --password-file $password
	    $bin/bulkhead shell //127.0.0.1:$port/demo -U $user --password-file $password -c 'tree; df'
	    smbclient //127.0.0.1/demo -p $port -A $login -c 'ls; get hello.txt -'
	    smbclient //127.0.0.1/demo -p $port -A $login --client-protection=encrypt -c 'ls'
	    $bin/bulkhead -c $conf status

	Stop it with: $root/deploy/quickstart.sh stop (or remove: takes everything away again)
	E
}

case ${1:-} in
stop | remove) "$1"; exit ;;
"" | --foreground) ;;
*) echo "usage: $0 [--foreground] | stop | remove" >&2; exit 2 ;;
esac

mkdir -p "$where"
chmod 755 "$where"
build
make_account
make_share
make_conf
make_login
if ! server_pid >/dev/null; then
	add_user
	if [ "${1:-}" = --foreground ]; then
		lines
		exec "$bin/bulkhead" -c "$conf" serve
	fi
	serve
fi
command -v smbclient >/dev/null || say "smbclient is not installed: apt-get install smbclient"
lines
