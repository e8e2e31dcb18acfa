#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory and speed of vitrine-index on many different files, and of a second run that finds nothing changed.
#   benchmarks/many_files.sh FOLDER COUNT [BUILD_FOLDER]
# The files are the pictures of FOLDER with a number appended, so that each has a content of its own. Needs the
# package "time". The catalogue stays in $SCRATCH if that is set.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: benchmarks/many_files.sh FOLDER COUNT [BUILD_FOLDER]" >&2
  exit 2
fi
folder=$(realpath "$1")
count=$2
index=${3:-build/release}/bin/vitrine-index
scratch=${SCRATCH:-$(mktemp -d)}
[ -n "${SCRATCH:-}" ] || trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/pictures"

mapfile -t originals < <(find "$folder" -type f -name '*.jpg' | sort)
for ((i = 0; i < count; i++)); do
  target=$scratch/pictures/$((i / 1000))/$i.jpg
  [ $((i % 1000)) -ne 0 ] || mkdir -p "$(dirname "$target")"
  { cat "${originals[i % ${#originals[@]}]}" && printf '%d' "$i"; } >"$target"
done

for run in "first run" "second run, nothing changed"; do
  echo "$run over $count files:"
  /usr/bin/time -f '  peak memory %M KB, %e s, %U s + %S s of processor time' \
    "$index" "$scratch/pictures" -o "$scratch/shop.vitrine" --quiet | sed 's/^/  /'
done
