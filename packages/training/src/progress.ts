import type { StepReport } from './reports.ts';

const MIN_BAR = 8;

/**
 * One line of at most `width` characters (default 80): epoch, bar, step, loss, speed and time to go, as in
 * `epoch 2/5 [######----------] 12/30 loss 123.4 5,120/s ETA 1m 05s`.
 *
 * The bar takes the room that is left, and gives way to the numbers where there is none.
 */
export function formatProgress(report: StepReport, options: { width?: number } = {}): string {
  const width = options.width ?? 80;
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new RangeError(`formatProgress: width must be a positive integer, got ${width}.`);
  }
  const { epoch, epochs, step, steps, loss, examplesPerSecond, etaSeconds } = report;
  const count = String(step).padStart(String(steps).length);
  const head = `epoch ${epoch}/${epochs}`;
  const speed = `${formatNumber(examplesPerSecond)}/s`;
  const tail = `${count}/${steps} loss ${formatNumber(loss)} ${speed} ETA ${formatDuration(etaSeconds)}`;
  const room = width - head.length - tail.length - ' [] '.length;
  if (room < MIN_BAR) return `${head} ${tail}`.slice(0, width);
  const done = Math.floor((step / steps) * room);
  return `${head} [${'#'.repeat(done)}${'-'.repeat(room - done)}] ${tail}`;
}

/** `4.2s` below ten seconds, then `42s`, `3m 07s`, `2h 05m`, `3d 04h`; `--` for what is not a time. */
export function formatDuration(seconds: number): string {
  if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) return '--';
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const total = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m ${two(total % 60)}s`;
  if (total < 86_400) return `${Math.floor(total / 3600)}h ${two(Math.floor((total % 3600) / 60))}m`;
  return `${Math.floor(total / 86_400)}d ${two(Math.floor((total % 86_400) / 3600))}h`;
}

/** Four significant digits; thousands are whole and grouped. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size >= 999.95 && size < 1e9) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  if (size >= 1e9 || (size < 1e-3 && size > 0)) return value.toExponential(2);
  return value.toPrecision(4);
}
