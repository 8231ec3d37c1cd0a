/** What a command may touch of the outside world, so that its test needs no process. */
export interface Io {
  /** One line of the result, to stdout. */
  print(line: string): void;
  /** One line of progress or advice, to stderr. */
  log(line: string): void;
  /** Redraws the last line of stderr in a terminal; elsewhere nothing. */
  status(line: string): void;
  /** Whether `status` shows, and how wide. */
  readonly terminal: { readonly columns: number } | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires on Ctrl-C (reason 'SIGINT') and SIGTERM (reason 'SIGTERM'). */
  readonly signal: AbortSignal;
}

/** An Io over a process's own streams. */
export function processIo(signal: AbortSignal): Io {
  const { stdout, stderr, env } = process;
  const interactive = stderr.isTTY === true;
  let drawn = false;
  const clear = () => {
    if (drawn) stderr.write('\r\x1b[K');
    drawn = false;
  };
  return {
    print(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    log(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    status(line) {
      if (!interactive) return;
      stderr.write(`\r${line}\x1b[K`);
      drawn = true;
    },
    get terminal() {
      return interactive ? { columns: stderr.columns ?? 80 } : null;
    },
    env,
    signal,
  };
}
