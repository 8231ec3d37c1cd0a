#!/usr/bin/env bash
# The runs of cora.md, one after the other, into OUT (default: runs/cora), and their means. Five minutes on two free cores. From the root:
#   PROJ_DATA_DIR=... docs/runs/cora.sh [OUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-runs/cora}
for model in vgae gae; do
  for featureless in false true; do
    for seed in 0 1 2 3 4 5 6 7 8 9; do
      npm run -s trainer -- train "$model" --data cora --engine wasm --seed "$seed" --set "split=$seed" --set "featureless=$featureless" \
        --out "$out/$model-$featureless-$seed" --json | tail -n 1
    done
  done
done
node - "$out" <<'JS'
const { readFileSync } = require('node:fs');
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
row(['model', 'features', 'test AUC', 'test AP', 'ELBO or log-likelihood, nats/node', 'epoch chosen', 'seconds a run']);
row(Array(7).fill('---'));
for (const model of ['vgae', 'gae']) {
  for (const featureless of [false, true]) {
    const runs = Array.from({ length: 10 }, (_, seed) => {
      const text = readFileSync(`${process.argv[2]}/${model}-${featureless}-${seed}/metrics.jsonl`, 'utf8');
      const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
      const done = lines.pop();
      const epoch = lines.reduce((best, line) => (line.val.ap > best.val.ap ? line : best)).epoch;
      return { ...done.metrics, epoch, seconds: done.seconds };
    });
    const stats = (pick, digits) => {
      const values = runs.map(pick);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
      return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    };
    const likelihood = stats((run) => run.elbo ?? run.logLikelihood, 0);
    const [auc, ap] = [stats((run) => run.auc, 4), stats((run) => run.ap, 4)];
    row([model, !featureless, auc, ap, likelihood, stats(({ epoch }) => epoch, 0), stats(({ seconds }) => seconds, 1)]);
  }
}
JS
