#!/usr/bin/env bash
# The topic-guided VAE, into OUT (default: runs/topics): planted topics, from clusters and from random topics, film reviews, and their figures.
# About five minutes on two free cores with Node 24. From the root:
#   PROJ_DATA_DIR=... docs/runs/topics.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/topics}
train=(npm run -s trainer -- train tgvae --engine wasm --json)
"${train[@]}" --out "$out/planted" | tail -n 1
"${train[@]}" --set start=random --out "$out/random" | tail -n 1
"${train[@]}" --data "$PROJ_DATA_DIR/words/rt-polarity.pos" --epochs 12 --set vocabulary=5000 --out "$out/reviews" | tail -n 1
node docs/runs/topics.mjs "$out/planted" "$out/random" "$out/reviews"
