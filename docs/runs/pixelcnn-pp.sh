#!/usr/bin/env bash
# The runs of pixelcnn-pp.md, one after the other, into OUT (default: runs/pixelcnn-pp), and the histograms to compare them with. About 20 minutes on two
# cores with Node 24. From the root:
#   PROJ_DATA_DIR=... docs/runs/pixelcnn-pp.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/pixelcnn-pp}
train=(npm run -s trainer -- train pixelcnn-pp --engine wasm --seed 1 --batch 32 --json)
"${train[@]}" --data fashion-mnist --set size=28 --epochs 4 --out "$out/fashion"
"${train[@]}" --data cifar10 --epochs 6 --out "$out/cifar10"
node docs/runs/histograms.mjs fashion-mnist cifar10
