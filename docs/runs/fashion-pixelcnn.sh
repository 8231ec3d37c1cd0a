#!/usr/bin/env bash
# PixelCNN on Fashion-MNIST at 16 x 16 in 4 levels, into OUT (default: runs/fashion-pixelcnn): one epoch, twelve, and the tables to
# compare them with. About 10 minutes on two cores with Node 24. From the root:
#   PROJ_DATA_DIR=... docs/runs/fashion-pixelcnn.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/fashion-pixelcnn}
node docs/runs/fashion-tables.mjs
run=(npm run -s trainer -- train pixelcnn --data fashion-mnist --engine wasm --seed 1 --batch 32 --json)
"${run[@]}" --epochs 1 --learning-rate 1e-3 --out "$out/short"
"${run[@]}" --epochs 12 --learning-rate 1e-3 --out "$out/long"
