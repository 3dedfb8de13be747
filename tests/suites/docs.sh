#!/usr/bin/env bash
# docs.sh - what is generated is up to date, every page can be read, and no
# document names a file that is not there.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0

try() {
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL  $what"
	fi
}

page_is_clean() {
	command -v man >/dev/null || return 0
	[ -z "$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)" ]
}

try "docs/IPC.md is what tools/msgdoc makes" python3 tools/msgdoc.py --check
try "docs/API.md is what tools/apidoc makes" python3 tools/apidoc.py --check
try "documents name files that exist" python3 tools/doclinks.py
for page in man/*.[1578]; do
	try "$page" page_is_clean "$page"
done
for word in $(sed -n 's/^	{ "\([a-z-]*\).*/\1/p' cli/commands.c | sort -u); do
	try "bulkhead.1 explains $word" grep -q "$word" man/bulkhead.1
done
sed -n 's/^	{ "\([a-z ]*\)", [GS](.*/\1/p' broker/config/conf_keys.c >"${TMPDIR:-/tmp}/bh-keys.$$"
while read -r key; do
	try "bulkhead.conf.5 explains \`$key\`" grep -q "$key" man/bulkhead.conf.5
done <"${TMPDIR:-/tmp}/bh-keys.$$"
rm -f "${TMPDIR:-/tmp}/bh-keys.$$"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
