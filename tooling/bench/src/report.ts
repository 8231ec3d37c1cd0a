import type { Result } from './measure.ts';
import type { Profile } from './profile.ts';
import type { Comparison } from './torch.ts';

const number = (value: number, digits: number, width: number) => value.toFixed(digits).padStart(width);

/** A line of the table for people; quick ones with a digit more. */
export function resultLine({ workload, variant, engine, ms, min, runs, rate, rateUnit }: Result): string {
  const [unit, prefix] = rate >= 1e9 ? ([1e9, 'G'] as const) : rate >= 1e6 ? ([1e6, 'M'] as const) : ([1, ''] as const);
  const speed = `${(rate / unit).toPrecision(4)} ${prefix}${rateUnit}`;
  const name = `${workload.padEnd(6)} ${variant.padEnd(22)} ${engine.padEnd(6)}`;
  return `${name} ${number(ms, 3, 11)} ms  min ${number(min, 3, 11)} ms  ${speed}  (${runs} runs)`;
}

export function comparisonLine({ workload, variant, ours, torch, ratio }: Comparison): string {
  const name = `${workload.padEnd(6)} ${variant.padEnd(22)}`;
  return `${name} ours ${number(ours, 3, 11)} ms  torch ${number(torch, 3, 11)} ms  ratio ${number(ratio, 2, 6)}`;
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
