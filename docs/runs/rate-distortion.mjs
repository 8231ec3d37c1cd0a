// Rate (KL) against distortion (minus the reconstruction term) of finished VAE runs, as SVG on stdout:
//   node docs/runs/rate-distortion.mjs RUN...
// Along the line rate + distortion = c every model has the same bound c on the negative log-likelihood.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const runs = process.argv.slice(2).map((run) => {
  const { set, data, seed, epochs } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'));
  const done = JSON.parse(readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1));
  if (done.event !== 'done') throw new Error(`${run} is not finished. Go on with: trainer resume ${run}`);
  return { beta: set.beta, data, seed, epochs, rate: done.metrics.kl, distortion: -done.metrics.reconstruction };
});
if (runs.length < 2) throw new Error('name two finished runs or more');
runs.sort((a, b) => a.beta - b.beta);

const [width, height, left, bottom, top, right] = [720, 520, 70, 60, 54, 66];
const range = (values) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.12 * (high - low || 1);
  return [Math.max(0, low - margin), high + margin];
};
const [rates, distortions] = [range(runs.map(({ rate }) => rate)), range(runs.map(({ distortion }) => distortion))];
const x = (rate) => left + ((rate - rates[0]) / (rates[1] - rates[0])) * (width - left - right);
const y = (d) => height - bottom - ((d - distortions[0]) / (distortions[1] - distortions[0])) * (height - top - bottom);
const ticks = ([low, high]) => {
  const step = [1, 2, 5, 10, 20, 50, 100].find((candidate) => (high - low) / candidate <= 8) ?? 200;
  return Array.from({ length: 20 }, (_, i) => Math.ceil(low / step) * step + i * step).filter((tick) => tick <= high);
};
const text = (at, words, more = '') => `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${words}</text>`;
const line = (a, b, style) =>
  `<line x1="${a[0].toFixed(1)}" y1="${a[1].toFixed(1)}" x2="${b[0].toFixed(1)}" y2="${b[1].toFixed(1)}" class="${style}"/>`;

const best = runs.reduce((a, b) => (a.rate + a.distortion < b.rate + b.distortion ? a : b));
const bound = best.rate + best.distortion;
const equal = [
  [rates[0], bound - rates[0]],
  [rates[1], bound - rates[1]],
];
const [{ data, seed, epochs }] = runs;
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>beta-VAE: rate and distortion</title>
<style>rect{fill:#fff}text{fill:#333}.grid{stroke:#e5e5e5}.bound{stroke:#999;stroke-dasharray:5 5}polyline{fill:none;stroke:#2563eb;stroke-width:2}circle{fill:#2563eb}</style>
<clipPath id="plot"><path d="M${left} ${top}H${width - right}V${height - bottom}H${left}Z"/></clipPath>
<rect width="${width}" height="${height}"/>
${text([left, 24], `beta-VAE on ${data}: rate and distortion, nats an image`, 'font-size="16"')}
${text([left, 42], `test part, latent 20, seed ${seed}, ${epochs} epochs; dashed: the bound of beta ${best.beta}, ${bound.toFixed(1)} nats`)}
${ticks(rates)
  .map(
    (tick) =>
      line([x(tick), top], [x(tick), height - bottom], 'grid') +
      text([x(tick), height - bottom + 20], tick, 'text-anchor="middle"'),
  )
  .join('\n')}
${ticks(distortions)
  .map(
    (tick) =>
      line([left, y(tick)], [width - right, y(tick)], 'grid') +
      text([left - 8, y(tick) + 4], tick, 'text-anchor="end"'),
  )
  .join('\n')}
<g clip-path="url(#plot)">${line([x(equal[0][0]), y(equal[0][1])], [x(equal[1][0]), y(equal[1][1])], 'bound')}</g>
<polyline points="${runs.map(({ rate, distortion }) => `${x(rate).toFixed(1)},${y(distortion).toFixed(1)}`).join(' ')}"/>
${runs
  .map(
    ({ beta, rate, distortion }) =>
      `<circle cx="${x(rate).toFixed(1)}" cy="${y(distortion).toFixed(1)}" r="5"/>${text([x(rate) + 9, y(distortion) - 7], `beta ${beta}`)}`,
  )
  .join('\n')}
${text([(left + width - right) / 2, height - 14], 'rate: KL(q(z | x) || p(z))', 'text-anchor="middle"')}
${text([18, (top + height - bottom) / 2], 'distortion: -E log p(x | z)', `text-anchor="middle" transform="rotate(-90 18 ${(top + height - bottom) / 2})"`)}
</svg>
`);
