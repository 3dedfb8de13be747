#!/bin/sh
# samba.sh DIR PORT [aio0] - Debian's smbd for comparison, in the foreground, on
# 127.0.0.1 only, with all its state below DIR, serving DIR/share as [bench], and
# as [sealed] where all is encrypted, to alice, password $BENCH_PASSWORD.  Settings
# are Debian's but for what makes the two comparable: signing and encryption are
# the client's choice (as in the configuration that bench/run.py gives Bulkhead),
# one connection per client, no printing.  aio0: without asynchronous I/O, which
# costs smbd less where everything is in memory.  BENCH_ENCRYPT: another word for
# `smb encrypt`.  Needs root.
set -eu
dir=${1:?DIR} port=${2:?PORT} flavour=${3:-fair}
conf=$dir/smb.conf

configure() {
	mkdir -p "$dir/share" "$dir/private" "$dir/lock" "$dir/state" "$dir/cache" \
	    "$dir/pid" "$dir/log" "$dir/rpc"
	chmod 755 "$dir"
	chmod 700 "$dir/private"
	cat > "$conf" <<-END
	[global]
	  server role = standalone server
	  interfaces = 127.0.0.1
	  bind interfaces only = yes
	  smb ports = $port
	  disable netbios = yes
	  private dir = $dir/private
	  lock directory = $dir/lock
	  state directory = $dir/state
	  cache directory = $dir/cache
	  pid directory = $dir/pid
	  ncalrpc dir = $dir/rpc
	  log file = $dir/log/%m
	  log level = 0
	  server multi channel support = no
	  server signing = auto
	  smb encrypt = ${BENCH_ENCRYPT:-desired}
	  load printers = no
	  printcap name = /dev/null
	  disable spoolss = yes
	END
	if [ "$flavour" = aio0 ]; then
		printf '  aio read size = 0\n  aio write size = 0\n' >> "$conf"
	fi
	printf '[bench]\n  path = %s/share\n  read only = no\n' "$dir" >> "$conf"
	printf '[sealed]\n  path = %s/share\n  read only = no\n  smb encrypt = required\n' \
	    "$dir" >> "$conf"
	printf '%s\n%s\n' "$BENCH_PASSWORD" "$BENCH_PASSWORD" |
	    smbpasswd -c "$conf" -s -a alice > /dev/null
}

configure
exec smbd -F --no-process-group -s "$conf" -l "$dir/log"
