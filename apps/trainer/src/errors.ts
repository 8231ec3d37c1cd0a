/** The user's mistake: one line that says what came, what was expected and what to do. Exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Something outside failed (disk, network, a damaged file): one line, no stack. Exit status 1. */
export class FailureError extends Error {
  override name = 'FailureError';
}

/** The loss became NaN or infinite; the last good checkpoint is named. Exit status 3. */
export class DivergedError extends Error {
  override name = 'DivergedError';
}

/** Training was stopped by a signal after its checkpoint was saved. Exit status 130 or 143. */
export class StoppedError extends Error {
  override name = 'StoppedError';
  constructor(
    message: string,
    readonly signal: 'SIGINT' | 'SIGTERM',
  ) {
    super(message);
  }
}

export const exitStatus = { done: 0, failed: 1, usage: 2, diverged: 3, SIGINT: 130, SIGTERM: 143 } as const;
