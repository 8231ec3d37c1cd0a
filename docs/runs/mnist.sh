#!/usr/bin/env bash
# The runs of mnist.md, one after the other, into OUT (default: runs/mnist). About 7 minutes on two cores. From the root:
#   PROJ_DATA_DIR=... docs/runs/mnist.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/mnist}
for seed in 1 2 3; do
  npm run -s trainer -- train vae --data mnist --engine wasm --seed "$seed" --set latent=20 --epochs 5 --out "$out/vae-20-$seed" --json
  npm run -s trainer -- train vae --data mnist --engine wasm --seed "$seed" --set latent=2 --epochs 10 --out "$out/vae-2-$seed" --json
  npm run -s trainer -- train autoencoder --data mnist --engine wasm --seed "$seed" --epochs 10 --out "$out/autoencoder-$seed" --json
done
