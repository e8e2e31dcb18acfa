#!/bin/bash
# SPDX-License-Identifier: MIT
# Time from the start of vitrine-query to its printed result, and where it goes.
#   benchmarks/start_up.sh SHOP PHOTO [BUILD_FOLDER]
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: benchmarks/start_up.sh SHOP PHOTO [BUILD_FOLDER]" >&2
  exit 2
fi
query=${3:-build/release}/bin/vitrine-query
runs=20

milliseconds() { # runs the command that follows and prints its wall time
  local start end
  start=$(date +%s%N)
  "$@" >/dev/null
  end=$(date +%s%N)
  echo $(((end - start) / 10000)) | sed 's/..$/.&/'
}

median() {
  for _ in $(seq $runs); do milliseconds "$@"; done | sort -n | sed -n "$((runs / 2))p"
}

"$query" "$1" "$2" >/dev/null # files into the page cache
echo "vitrine-query --version: $(median "$query" --version) ms (loading the program alone)"
echo "vitrine-query SHOP PHOTO: $(median "$query" "$1" "$2") ms (median of $runs)"
echo "one run in detail:"
"$query" "$1" "$2" -v 2>&1 >/dev/null | sed 's/^vitrine-query: /  /'
