#!/usr/bin/env bash
# The run of engines.md: one VAE on MNIST, the same config and seed on each engine, into OUT (default: runs/engines). About 3 minutes an
# engine on two cores. tfjs-node is found as installed beside the packages or in NODE_PATH (node tooling/native/install.mjs). From the root:
#   PROJ_DATA_DIR=... docs/runs/engines.sh [OUT [ENGINE...]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/engines}
shift || true
engines=("$@")
[ $# -gt 0 ] || engines=(wasm node)
for engine in "${engines[@]}"; do
  npm run -s trainer -- train vae --data mnist --engine "$engine" --seed 1 --set latent=20 --epochs 10 --out "$out/vae-$engine" --json
done
