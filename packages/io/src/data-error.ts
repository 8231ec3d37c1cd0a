/**
 * The user's mistake, or a file that is absent, foreign or damaged.
 *
 * The message is one line: what came, what was expected, what to do. A program prints it as it is, without a stack.
 */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(/\s*[\r\n]+\s*/g, ' '), options); // a file's name may hold a line break
  }
}
