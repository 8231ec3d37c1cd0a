import type { Io } from '../src/io.ts';

/** An Io that keeps what was written. */
export function fakeIo(signal: AbortSignal = new AbortController().signal) {
  const printed: string[] = [];
  const logged: string[] = [];
  const io: Io = {
    print: (line) => printed.push(line),
    log: (line) => logged.push(line),
    status: () => {},
    terminal: null,
    env: {},
    signal,
  };
  return { io, printed, logged, lastJson: () => JSON.parse(printed.at(-1)!) as Record<string, unknown> };
}
