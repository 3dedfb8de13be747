#!/bin/sh
# seed.sh OUT - writes tests/vectors/smb2/*/*.hex as raw bytes into OUT, a corpus for
# libFuzzer:  sh tests/fuzz/seed.sh corpus && build/clang/fuzz/fuzz_smb2_request corpus
set -eu
out=${1:?directory to write to}
here=$(dirname "$0")
mkdir -p "$out"
for f in "$here"/../vectors/smb2/*/*.hex; do
	name=$(basename "$(dirname "$f")")_$(basename "$f" .hex)
	sed 's/#.*//' "$f" | xxd -r -p > "$out/$name"
done
