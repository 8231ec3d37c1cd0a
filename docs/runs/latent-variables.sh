#!/usr/bin/env bash
# The runs of latent-variables.md, one after the other, into OUT (default: runs/latent-variables). About 20 minutes on two cores. From the root:
#   PROJ_DATA_DIR=... docs/runs/latent-variables.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/latent-variables}
trainer() { npm run -s trainer -- "$@" --json; }
train() { trainer train "$1" --data mnist --engine wasm "${@:2}"; }
train vae --seed 1 --set latent=2 --set layers=2 --set activation=relu --epochs 20 --out "$out/vae-2"
train categorical-vae --seed 1 --epochs 20 --out "$out/categorical-vae"
for seed in 1 2 3 4 5; do
  for level in 0.05 0; do # 0 is the VAE of the same network
    train dvae --seed "$seed" --set level="$level" --epochs 8 --out "$out/dvae-$level-$seed"
    trainer eval "$out/dvae-$level-$seed" --noise salt-pepper --level 0.05
  done
done
train vae --seed 1 --set latent=20 --epochs 60 --out "$out/vae-20"
