#!/usr/bin/env bash
# run.sh [SUITE...] - installs what is missing, builds everything, runs all
# suites (or those named) and ends with "N passed, N failed, N skipped".
#
# A suite is a program whose last line is its own such line.  Logs are kept in
# build/test-logs; those of failing suites are shown, cut to their end.
#
# What fails while other suites share the machine is run once more, alone.  If it
# works then it has passed, and is named "shaky" with what it said: a fault to be
# found.  STRICT=1 counts it as failed.
set -u
cd "$(dirname "$0")/.." || exit 1
logs=$PWD/build/test-logs
jobs=$(nproc)
tail_lines=40
chosen=" $* "

wanted() { [ "$chosen" = "  " ] || case $chosen in *" $1 "*) true ;; *) false ;; esac; }

# ---- suites ----

order=()
declare -A command_of

run() {		# name limit command...
	local name=$1 limit=$2 s=$SECONDS rc
	shift 2
	timeout -k 30 "$limit" "$@" >"$logs/$name.log" 2>&1; rc=$?
	[ $rc = 124 ] && echo "took longer than $limit s" >>"$logs/$name.log"
	echo "$rc $((SECONDS - s))" >"$logs/$name.rc"
}

start() {	# name limit command...
	wanted "$1" || return 0
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	order+=("$1")
	command_of[$1]=$(printf '%q ' "${@:2}")
	run "$@" &
}

line_of() { tail -n 1 "$logs/$1.log" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'; }
numbers_of() { line_of "$1" | tr -cd '0-9 \n'; }
failed_cases() { sed -n 's/^FAIL  \([a-z_0-9.-]*\) .*/\1/p' "$logs/$1.log" | tr '\n' ' '; }

# Two suites take names of cases: theirs that failed run again; of others, all.
again() {	# name
	local name=$1 rc cases="" p=0 f s=0 p2 s2
	read -r rc _ <"$logs/$name.rc"
	[ "$rc" = 0 ] && return
	case $name in integration | conformance) [ -z "$(line_of "$name")" ] || cases=$(failed_cases "$name") ;; esac
	[ -z "$cases" ] || read -r p f s <<<"$(numbers_of "$name")"
	cp "$logs/$name.log" "$logs/$name.first"
	eval "run $name ${command_of[$name]} $cases"
	read -r rc _ <"$logs/$name.rc"
	{ [ "$rc" = 0 ] && read -r p2 f s2 <<<"$(numbers_of "$name")" && [ "$p2" ]; } || return
	echo "$((p + p2)) passed, ${STRICT:-0} failed, $((s + s2)) skipped" >>"$logs/$name.log"
	{ echo "shaky $name ${cases:-}works alone; it had said:"
	  grep -A 12 '^FAIL ' "$logs/$name.first" || tail -n $tail_lines "$logs/$name.first"; } >>"$logs/shaky"
}

passed=0 failed=0 skipped=0
count() {	# name: adds its line up; a suite without one has failed
	local line rc took p f s
	read -r rc took <"$logs/$1.rc"
	line=$(line_of "$1") || line="0 passed, 1 failed, 0 skipped"
	read -r p f s <<<"$(tr -cd '0-9 ' <<<"$line")"
	[ "$rc" != 0 ] && [ "$f" = 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-20s %4d passed %3d failed %3d skipped  %4d s\n' "$1" "$p" "$f" "$s" "$took"
	if [ "$f" != 0 ]; then
		echo "----- end of $logs/$1.log"
		grep -E '^FAIL ' "$logs/$1.log" | head -n 40
		tail -n $tail_lines "$logs/$1.log"
		echo "-----"
	elif [ "$s" != 0 ]; then
		grep -E '^skip ' "$logs/$1.log"
	fi
}

# ---- all of it ----

mkdir -p "$logs"
rm -f "$logs"/*.log "$logs"/*.rc "$logs"/*.first "$logs"/shaky
deploy/depends.sh test || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

for preset in release dev clang; do
	start "build-$preset" 1500 tests/suites/build.sh "$preset"
	wait				# one at a time, each on all cores
done

all_suites() {
	local release=build/release dev=build/dev
	start package 2400 tests/deploy/package.py
	start containers 900 tests/deploy/containers.py --bin $release/bin
	start integration 2400 tests/integration/run.py --bin $release/bin -j "$jobs"
	start unit-dev 600 tests/suites/ctest.py $dev
	start unit-release 600 tests/suites/ctest.py $release
	start unit-clang 600 tests/suites/ctest.py build/clang
	start takeover 600 python3 tests/takeover/run.py --bin $release/bin --twins $release/takeover
	start fuzz 900 tests/suites/fuzz.py build/clang 5
	start integration-dev 900 tests/integration/run.py --bin $dev/bin -j 1 'reading.list*' 'reading.get_encrypted' 'logon.*' 'writing.names*' 'dialects.smb*_encrypted'
	start conformance 900 tests/conformance/run.py --bin $release/bin -j "$jobs"
	start quickstart 900 tests/suites/quickstart.py
	start wire 600 tests/hostile/wire/run.py --bin $release/bin
	start wire-dev 900 tests/hostile/wire/run.py --bin $dev/bin
	start python 1800 tests/suites/python.py
	start docs 120 tests/suites/docs.sh
	wait
	for name in "${order[@]}"; do
		case $name in build-*) ;; *) again "$name" ;; esac
	done
}

# What does not build is not worth testing.
grep -qsv '^0 ' "$logs"/build-*.rc || all_suites

for name in "${order[@]}"; do count "$name"; done
[ ! -e "$logs/shaky" ] || cat "$logs/shaky"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
