import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { EpochReport } from '@proj/training';
import type { RunConfig } from './config.ts';
import { figure } from './figure.ts';
import { learningRateLine } from './learning-rate.ts';
import { modelSpec } from './models/index.ts';
import type { RunFolder } from './run-folder.ts';
import type { Exhibit } from './tasks/task.ts';

const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** Round steps (1, 2, 5 times a power of ten) over [low, high]. */
function ticks(low: number, high: number, about: number): number[] {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= raw)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

/** Curves over epochs as inline SVG, coloured by the page's CSS. */
function lineChart(series: readonly Series[], title: string): string {
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  if (all.length === 0) return '';
  const [width, height, left, bottom, top, right] = [640, 260, 62, 34, 14, 12];
  const spread = Math.max(...all) - Math.min(...all) || Math.abs(all[0]!) || 1;
  const [low, high] = [Math.min(...all) - 0.06 * spread, Math.max(...all) + 0.06 * spread];
  const epochs = Math.max(...series.map(({ values }) => values.length));
  const x = (epoch: number) => left + ((width - left - right) * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (value: number) => top + (height - top - bottom) * (1 - (value - low) / (high - low));
  const rows = ticks(low, high, 5)
    .map(
      (t) =>
        `<line x1="${left}" x2="${width - right}" y1="${y(t)}" y2="${y(t)}"/><text x="${left - 8}" y="${y(t) + 4}" text-anchor="end">${figure(t)}</text>`,
    )
    .join('');
  const marks = epochs === 1 ? [1] : ticks(1, epochs, Math.min(10, epochs)).filter((t) => Number.isInteger(t));
  const columns = marks.map((t) => `<text x="${x(t)}" y="${height - 12}" text-anchor="middle">${t}</text>`).join('');
  const curves = series
    .map(({ values }, i) => {
      const points = values.map((value, e) => `${x(e + 1).toFixed(1)},${y(value).toFixed(1)}`);
      const dots = values.length === 1 ? `<circle class="s${i}" cx="${x(1)}" cy="${y(values[0]!)}" r="4"/>` : '';
      return `<polyline class="s${i}" points="${points.join(' ')}"/>${dots}`;
    })
    .join('');
  const legend = series.map(({ label }, i) => `<span><i class="s${i}"></i>${escapeHtml(label)}</span>`).join('');
  return `<figure class="chart"><figcaption><strong>${escapeHtml(title)}</strong> by epoch <span class="legend">${legend}</span></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)} by epoch"><g class="grid">${rows}${columns}</g>${curves}</svg></figure>`;
}

const table = (rows: readonly (readonly [string, string])[]) =>
  `<table>${rows.map(([key, value]) => `<tr><th scope="row">${escapeHtml(key)}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>`;

const STYLE = `
:root{color-scheme:light dark;--paper:#fcfcfb;--ink:#1d1d22;--soft:#6b6b74;--line:#e3e3e6;--s0:#3565a5;--s1:#d9603b;--card:#fff}
@media (prefers-color-scheme:dark){:root{--paper:#151518;--ink:#ececf0;--soft:#9a9aa5;--line:#303036;--s0:#7fb0f0;--s1:#f0936f;--card:#1d1d21}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1080px;padding:40px 24px 64px;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif}
h1{font-size:26px;margin:0 0 4px;letter-spacing:-.01em}h2{font-size:17px;margin:36px 0 12px}p{margin:0;color:var(--soft)}
.metrics{display:flex;flex-wrap:wrap;gap:12px;margin-top:20px}.metrics div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 18px;min-width:130px}
.metrics b{display:block;font-size:22px;font-variant-numeric:tabular-nums;font-weight:600}.metrics span{color:var(--soft);font-size:13px}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:20px}figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px}
figure img{width:100%;height:auto;image-rendering:pixelated;display:block;border-radius:4px;margin-top:10px}figcaption{color:var(--soft);font-size:13.5px}figcaption strong{color:var(--ink)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px}svg{width:100%;height:auto;display:block;margin-top:8px}.grid line{stroke:var(--line)}.grid text{fill:var(--soft);font-size:11px}
polyline{fill:none;stroke-width:2;stroke-linejoin:round}polyline.s0{stroke:var(--s0)}polyline.s1{stroke:var(--s1)}circle.s0{fill:var(--s0)}circle.s1{fill:var(--s1)}
.texts{display:grid;gap:20px}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13.5px/1.6 ui-monospace,monospace;margin:10px 0 0}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}summary{cursor:pointer;color:var(--soft)}
.legend{float:right}.legend span{margin-left:12px}.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:5px;vertical-align:middle}i.s0{background:var(--s0)}i.s1{background:var(--s1)}
table{border-collapse:collapse;font-size:14px;width:100%}th{font-weight:400;color:var(--soft);text-align:left;padding:5px 18px 5px 0;white-space:nowrap;vertical-align:top}td{padding:5px 0;overflow-wrap:anywhere}tr{border-bottom:1px solid var(--line)}`;

/** The run as one HTML file that needs nothing else: pictures are inside it. */
export function reportHtml(
  folder: RunFolder,
  config: RunConfig,
  history: readonly EpochReport[],
  metrics: Readonly<Record<string, number>>,
  exhibits: readonly Omit<Exhibit, 'bytes'>[],
): string {
  const { task, bound, fit } = modelSpec(config.model);
  const shown = exhibits.filter(({ file }) => existsSync(folder.file(file)));
  const figures = (extension: string, content: (bytes: Buffer, title: string) => string) =>
    shown
      .filter(({ file }) => file.endsWith(extension))
      .map(({ file, title, caption }) => {
        const what = `<strong>${escapeHtml(title)}</strong><br>${escapeHtml(caption)}`;
        return `<figure><figcaption>${what}</figcaption>${content(readFileSync(folder.file(file)), title)}</figure>`;
      })
      .join('\n');
  const images = figures(
    '.png',
    (bytes, title) => `<img alt="${escapeHtml(title)}" src="data:image/png;base64,${bytes.toString('base64')}">`,
  );
  const texts = figures('.txt', (bytes) => `<pre>${escapeHtml(bytes.toString('utf8'))}</pre>`);
  const byEpoch = readdirSync(folder.path)
    .filter((file) => /-epoch-\d+\.txt$/.test(file))
    .sort()
    .map((file) => {
      const text = escapeHtml(readFileSync(folder.file(file), 'utf8'));
      return `<details><summary>after epoch ${Number(/(\d+)\.txt$/.exec(file)![1])}</summary><pre>${text}</pre></details>`;
    })
    .join('\n');
  const validationKeys = Object.keys(history[0]?.val ?? {});
  const training = { label: 'training', values: history.map(({ loss }) => (bound === undefined ? loss : -loss)) };
  const validation = (key: string) => ({
    label: 'validation',
    values: history.map(({ val }) => val?.[key] ?? Number.NaN),
  });
  const charts = [
    ...(bound === undefined ? [lineChart([training], 'loss')] : []),
    ...validationKeys.map((key) => lineChart([...(key === bound ? [training] : []), validation(key)], key)),
  ].join('\n');
  const settings = Object.entries(config.set).map(([key, value]) => `${key} ${value}`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(config.model)} on ${escapeHtml(config.data)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(config.model)} on ${escapeHtml(config.data)}</h1>
<p>${config.params.toLocaleString('en')} parameters, ${history.length} ${history.length === 1 ? 'epoch' : 'epochs'}, ${config.examples.test.toLocaleString('en')} test ${task.noun} that chose nothing</p>
<div class="metrics">${Object.entries(metrics)
    .map(([key, value]) => `<div><b>${figure(value)}</b><span>test ${escapeHtml(key)}</span></div>`)
    .join('')}</div>
${images && `<h2>Pictures</h2><div class="pictures">${images}</div>`}
${texts && `<h2>Text</h2><div class="texts">${texts}</div>`}
<h2>Training</h2><div class="charts">${charts}</div>
${byEpoch && `<h2>While it trained</h2><div class="texts">${byEpoch}</div>`}
<h2>Configuration</h2>${table([
    ['settings', settings.join(', ')],
    [
      'data',
      `${config.source} (${config.examples.train} train, ${config.examples.validation} validation, ${config.examples.test} test; ${task.showShape(config.shape)})`,
    ],
    fit
      ? ['seed', `${config.seed}`]
      : ['batch, learning rate, seed', `${config.batch}; ${learningRateLine(config)}; ${config.seed}`],
    ['engine', config.wasmBuild ? `${config.engine} (${config.wasmBuild} build)` : config.engine],
    ['notes', config.notes.join('; ')],
    [
      'versions',
      Object.entries(config.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ])}
</body></html>
`;
}
