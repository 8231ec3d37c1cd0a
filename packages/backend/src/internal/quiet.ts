/** What tfjs prints while it loads or starts engines: nothing that its user can act on. */
const CHATTER = [
  /^Platform \w+ has already been set/,
  /^The kernel '.*' for backend '.*' is already registered/,
  /backend was already registered/,
  /^Initialization of backend \w+ failed/,
  /^Aborted\(|^failed to asynchronously prepare wasm/,
];

/**
 * Runs `f` with tfjs's own chatter kept from the console; every other warning passes.
 * Resolves to the result and the lines kept back, which may hold the reason of a failure.
 */
export async function quietly<T>(f: () => Promise<T>): Promise<{ result: T; kept: string[] }> {
  const kept: string[] = [];
  const { warn } = console;
  const filter = (...words: unknown[]): void => {
    const line = words.map(String).join(' ');
    const follows = /^Initialization of backend/.test(kept.at(-1) ?? ''); // the next line is the stack
    if (follows || CHATTER.some((pattern) => pattern.test(line))) kept.push(line);
    else warn.apply(console, words);
  };
  console.warn = filter;
  try {
    return { result: await f(), kept };
  } finally {
    if (console.warn === filter) console.warn = warn;
  }
}
