/** An engine that cannot run here. The message is one line: which engine, why not, and what to do about it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** The engine that was asked for. */
  readonly engine: string;

  constructor(engine: string, message: string) {
    super(message);
    this.engine = engine;
  }
}
