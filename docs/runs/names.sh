#!/usr/bin/env bash
# The word VAE on first names, into OUT (default: runs/names): training, figures on the held-out names once each, draws, ways between two.
# About two minutes on two cores with Node 24. From the root:
#   PROJ_DATA_DIR=... docs/runs/names.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/names}
trainer=(npm run -s trainer --)
"${trainer[@]}" train word-vae --data names --engine wasm --seed 1 --epochs 40 --schedule cosine --set freeBits=0.25 --out "$out" --json
# The parts are cut by a hash of the name, so here every name is in the part it was in before.
LC_ALL=C sort -u "$PROJ_DATA_DIR/words/names.txt" > "$out/distinct.txt"
"${trainer[@]}" eval "$out" --data "$out/distinct.txt" --json
"${trainer[@]}" sample "$out" --count 24 --seed 1
"${trainer[@]}" sample "$out" --between anna,maria
"${trainer[@]}" sample "$out" --between emma,alexander --count 12
