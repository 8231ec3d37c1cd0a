#!/usr/bin/env bash
# The run of tokun.md into OUT (default: runs/tokun): the 4x4 auto-encoder on UDHR and XQuAD, and what it stands. At most an hour on two cores with Node 24.
# From the root:
#   PROJ_DATA_DIR=... docs/runs/tokun.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/tokun}
text=$PROJ_DATA_DIR/text
npm run -s trainer -- train tokun --engine wasm --seed 1 --data "$text/udhr,$text/xquad-contexts" --json --out "$out" \
  --epochs 3 --batch 16 --learning-rate 0.002 --schedule cosine --warm-up 100 \
  --set balance=1 --set random=0.5 --set jitter=0.2
