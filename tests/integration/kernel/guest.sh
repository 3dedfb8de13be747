# guest.sh - what the kernel's client has to be able to do; sourced by init.sh.
# Prints "ok WHAT" or "FAIL WHAT: why".  $OPTIONS are those of the mount.

attach() {	# options [share]
	mount -t cifs "//10.0.2.2/${2:-$SHARE}" /mnt \
	    -o "port=$PORT,username=$LOGON,password=$PASSWORD,serverino,$1"
}

check() {	# what command...
	local what=$1
	shift
	if (cd "/mnt/$W" && "$@") >/tmp/out 2>&1; then
		echo "ok $opts: $what"
	else
		echo "FAIL $opts: $what: $(tail -n 4 /tmp/out | tr '\n' '|')"
	fi
}

again() {	# a new mount: nothing is answered from a cache
	cd / && umount /mnt && attach "$opts" && cd "/mnt/$W"
}

copies_tree() {
	cp -r /src tree && again && diff -r /src tree
}

removes_tree() {
	rm -r tree && again && [ ! -e tree ]
}

hands_bytes_on() {	# what the host will compare as well
	head -c 5000000 /dev/urandom >/tmp/big && cp /tmp/big big && sync || return
	again && cmp /tmp/big big && sha256sum big | sed 's/^/sha /' >/tmp/sha
}

renames() {
	mkdir from && echo one >from/a && echo two >b || return
	mv from to && [ ! -e from ] && [ "$(cat to/a)" = one ] || return
	mv b to/a && [ ! -e b ] && [ "$(cat to/a)" = two ] || return
	again && [ "$(cat to/a)" = two ] && rm -r to
}

links() {
	echo one >h1 && ln h1 h2 && echo two >>h2 && again && cmp h1 h2 || return
	[ "$(stat -c %i h1)" = "$(stat -c %i h2)" ] && rm h1 && grep -q two h2 && rm h2
}

makes_folders() {
	mkdir -p d/e/f && touch d/e/f/x || return
	! mkdir d && ! rmdir d/e && rm d/e/f/x && rmdir d/e/f d/e d && [ ! -e d ]
}

unlinks() {
	echo x >u && rm u && ! cat u && ! rm u && [ ! -e u ]
}

truncates_and_appends() {
	echo 0123456789 >t && echo more >>t && [ "$(cat t)" = "0123456789
more" ] || return
	truncate -s 5 t && [ "$(cat t)" = 01234 ] || return
	truncate -s 9 t && again && [ "$(stat -c %s t)" = 9 ] || return
	[ "$(tr '\0' z <t)" = 01234zzzz ] && echo end >>t && [ "$(stat -c %s t)" = 13 ] || return
	: >t && [ ! -s t ] && rm t
}

tells_space() {
	df -k /mnt && set -- $(stat -f -c '%b %f %S' /mnt) && [ "$1" -gt 0 ] && [ "$2" -le "$1" ] &&
	    [ "$3" -ge 512 ]
}

keeps_names() {
	local n long
	long=$(printf '%0240d' 7)
	mkdir names && cd names || return
	for n in plain 'with blank' 'ümläut' '日本' '😀' .hidden 'semi;colon' "quo'te" '$x' "$long"; do
		echo "$n" >"$n" || return
	done
	cd .. && again && [ "$(ls -A names | wc -l)" = 10 ] || return
	for n in names/* names/.hidden; do [ "$(cat "$n")" = "${n#names/}" ] || return; done
	rm -r names
}

keeps_times() {
	touch -d '2001-02-03 04:05:06' when && again && [ "$(date -r when +%Y%m%d%H%M%S)" = 20010203040506 ] &&
	    rm when
}

lists_many() {
	mkdir many && cd many || return
	n=0
	while [ $n -lt 300 ]; do echo $n >f$n || return; n=$((n + 1)); done
	cd .. && again && [ "$(ls many | wc -l)" = 300 ] && [ "$(cat many/f299)" = 299 ] && rm -r many
}

all_of_it() {
	check "a source tree there and back" copies_tree
	check "the tree removed" removes_tree
	check "five megabytes there and back" hands_bytes_on
	sed "s|big|$W/big|" /tmp/sha
	check "rename" renames
	check "hard links" links
	check "mkdir, rmdir" makes_folders
	check "unlink" unlinks
	check "truncate, append" truncates_and_appends
	check "statfs" tells_space
	check "names" keeps_names
	check "times" keeps_times
	check "three hundred entries" lists_many
	W=
	check "unmount" eval 'cd / && umount /mnt'
}

opts=$OPTIONS W=work
if attach "$opts" && mkdir "/mnt/$W"; then
	all_of_it
else
	echo "FAIL $opts: does not mount"
	dmesg | grep -i cifs | tail -n 5
fi

# what has to be refused
W=
refused() { ! attach "$opts" "$@"; }
check "an unknown share is refused" refused nowhere
LOGON=nobody-we-know
check "an unknown user is refused" refused
