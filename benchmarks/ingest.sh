#!/bin/bash
# SPDX-License-Identifier: MIT
# Indexing speed beside its two references: the network alone, which is the ceiling, and the same network called from
# Python one picture at a time, which is what one would write without Vitrine.
#   benchmarks/ingest.sh MODEL.safetensors FOLDER [BUILD_FOLDER]
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: benchmarks/ingest.sh MODEL.safetensors FOLDER [BUILD_FOLDER]" >&2
  exit 2
fi
model=$1
folder=$2
bin=${3:-build/release}/bin
python=${PYTHON:-python3}
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

find "$folder" -type f -exec cat {} + >/dev/null # into the page cache
summary=$("$bin/vitrine-index" "$folder" -o "$scratch/shop.vitrine" --model "$model" --quiet --json) || [ $? -eq 5 ]
rate=$(sed -n 's/.*"pictures_per_second": \([0-9.]*\).*/\1/p' <<<"$summary")
echo "vitrine-index:            $rate pictures/s, $(nproc) cores"

if "$python" -c 'import cv2, torch' 2>/dev/null; then
  for threads in 1 "$(nproc)"; do
    baseline=$(OMP_WAIT_POLICY=passive "$python" "$here/ingest_baseline.py" "$model" "$folder" "$threads")
    echo "PyTorch, $threads thread(s):     $baseline; vitrine-index is $(ratio "$rate" "${baseline%% *}") x as fast"
  done
else
  echo "PyTorch:                  not installed (python3-torch python3-opencv)"
fi

if [ -x "$bin/vitrine-ingest-benchmark" ]; then
  "$bin/vitrine-ingest-benchmark" "$model" "$folder"
fi
