#!/usr/bin/env bash
# The LSTM of words on the recipes of the shared folder, into OUT (default: runs/recipes): eight epochs, then samples and the next words
# that follow two prompts. About 35 minutes on two cores with Node 24. From the root:
#   PROJ_DATA_DIR=... docs/runs/recipes.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/recipes}
trainer=(npm run -s trainer --)
"${trainer[@]}" train lstm --data recipes --engine wasm --seed 0 --epochs 8 --learning-rate 0.01 --clip-norm 1 --schedule cosine --warm-up 100 \
  --json --out "$out"
"${trainer[@]}" sample "$out" --prompt "recipe for" --temperature 1 --count 3 --seed 1
"${trainer[@]}" sample "$out" --prompt "recipe for" --temperature 0.2 --count 2 --seed 1
"${trainer[@]}" sample "$out" --prompt "recipe for roasted vegetables | chop 1 /" --max-tokens 9 --top 5 --count 1 --json
"${trainer[@]}" sample "$out" --prompt "recipe for chocolate ice cream |" --max-tokens 7 --top 5 --count 1 --json
