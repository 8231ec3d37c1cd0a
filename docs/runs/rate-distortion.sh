#!/usr/bin/env bash
# Rate against distortion over beta: one VAE each, then the curve. About 15 minutes on two cores. From the root:
#   PROJ_DATA_DIR=... docs/runs/rate-distortion.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/rate-distortion}
for beta in 0.25 0.5 1 2 4 8; do
  npm run -s trainer -- train vae --data mnist --engine wasm --seed 1 --set latent=20 --set beta="$beta" --epochs 20 --out "$out/beta-$beta" --json
done
node docs/runs/rate-distortion.mjs "$out"/beta-* > docs/runs/rate-distortion.svg
