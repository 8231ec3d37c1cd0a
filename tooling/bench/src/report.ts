import type { Result } from './measure.ts';
import type { Profile } from './profile.ts';

const number = (value: number, digits: number, width: number) => value.toFixed(digits).padStart(width);

/** A line of the table for people; quick ones with a digit more. */
export function resultLine({ workload, variant, engine, ms, min, runs, rate, rateUnit }: Result): string {
  const [unit, prefix] = rate >= 1e9 ? ([1e9, 'G'] as const) : rate >= 1e6 ? ([1e6, 'M'] as const) : ([1, ''] as const);
  const speed = `${(rate / unit).toPrecision(4)} ${prefix}${rateUnit}`;
  const name = `${workload.padEnd(6)} ${variant.padEnd(22)} ${engine.padEnd(6)}`;
  return `${name} ${number(ms, 3, 11)} ms  min ${number(min, 3, 11)} ms  ${speed}  (${runs} runs)`;
}

/**
 * A Markdown table: a row a variant, of each engine and of PyTorch the milliseconds at best, and where PyTorch's are known how
 * many times as long each engine takes.
 */
export function tableLines(results: readonly Result[]): string[] {
  const all = [...new Set(results.map(({ engine }) => engine))];
  const ours = all.filter((engine) => engine !== 'torch');
  const withTorch = all.includes('torch');
  const columns = withTorch ? [...ours, 'torch'] : ours;
  const ratios = withTorch ? ours : [];
  const rows = new Map<string, Map<string, number>>();
  for (const { workload, variant, engine, min } of results) {
    const name = `${workload} ${variant}`;
    rows.set(name, (rows.get(name) ?? new Map<string, number>()).set(engine, min));
  }
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const figure = (value: number | undefined) => (value === undefined ? '' : threeDigits(value));
  return [
    row(['ms', ...columns, ...ratios.map((engine) => `${engine} / torch`)]),
    row(['---', ...[...columns, ...ratios].map(() => '---:')]),
    ...[...rows].map(([name, min]) => {
      const torch = min.get('torch');
      const ratio = (engine: string) => {
        const time = min.get(engine);
        return time === undefined || torch === undefined ? undefined : time / torch;
      };
      return row([name, ...columns.map((engine) => figure(min.get(engine))), ...ratios.map((e) => figure(ratio(e)))]);
    }),
  ];
}

/** 0.0123, 1.23, 12.3, 1230. */
function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A line a kernel, the longest first, then what is left. */
export function profileLines(title: string, { kernels, ms }: Profile): string[] {
  const inside = kernels.reduce((sum, kernel) => sum + kernel.ms, 0);
  const row = (name: string, calls: string, time: number) =>
    `  ${name.padEnd(32)} ${calls.padStart(8)} ${number(time, 3, 11)} ms ${number((100 * time) / ms, 1, 6)} %`;
  return [
    `${title}: ${ms.toFixed(3)} ms`,
    `  ${'kernel'.padEnd(32)} ${'calls'.padStart(8)}`,
    ...kernels.map((kernel) => row(kernel.kernel, String(Math.round(kernel.calls * 100) / 100), kernel.ms)),
    row('(outside kernels)', '', ms - inside),
  ];
}
