#!/bin/bash
# list.sh HOST PORT USER SHARE - shares and the top folder, with nothing but `bulkhead call`.
# BULKHEAD_BIN: where the programs are.
set -eu
host=$1 port=$2 user=$3 share=$4
bin=${BULKHEAD_BIN:-/usr/bin}
dir=$(mktemp -d) pid=
trap '[ "$pid" ] && kill "$pid"; rm -rf "$dir"' EXIT

# An instance for the moment: it says where to ask, and ends with this script.
coproc instance { exec "$bin/bulkhead-broker" client --private 2> "$dir/log"; }
pid=$instance_PID
read -r _ where <&"${instance[0]}" || { cat "$dir/log" >&2; exit 1; }
printf '[global]\nruntime directory = %s\n' "$where" > "$dir/conf"

call() { "$bin/bulkhead" -c "$dir/conf" call "$@"; }
# The value of a field that comes once; numbers may be digits in quotes.
field() { sed -n 's/.*"'"$1"'": "\{0,1\}\([^",]*\).*/\1/p' | head -n 1; }
# The names of rows; the status has one too.
names() { sed -n '/"STATUS_/d; s/.*"name": "\(.*\)".*/  \1/p'; }

cred=$(printf '%s\n' "$BULKHEAD_PASSWORD" |
	call cred.create '{"type": 1, "kind": "secret", "user": "'"$user"'"}' --password-stdin |
	field cred)
session=$(call client.open '{"host": "'"$host"'", "port": '"$port"', "cred": "'"$cred"'"}' |
	field session)

echo "shares:"
call client.shares '{"session": "'"$session"'"}' | names
echo "$share:"
call client.ls '{"session": "'"$session"'", "share": "'"$share"'"}' | names

call client.close '{"session": "'"$session"'"}' > /dev/null
call cred.drop '{"cred": "'"$cred"'"}' > /dev/null
