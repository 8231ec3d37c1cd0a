/**
 * The user's mistake, or a file that is absent, foreign or damaged.
 *
 * The message is one line: what came, what was expected, what to do. A program prints it as it is, without a stack.
 */
export class DataError extends Error {
  override readonly name: string = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\s*[\r\n]+\s*/g, ' '), options); // a file's name may hold a line break
  }
}

/**
 * The name and the path are right, but network, disk or the file found there refused: no connection, no space, a wrong
 * checksum. A program exits with 1 for it, and with 2 for any other DataError.
 */
export class UnavailableError extends DataError {
  override readonly name = 'UnavailableError';
}
