type Immediate = ReturnType<typeof setImmediate>;

/**
 * Dawn's addon asks for its events by `setImmediate`, again and again while any promise of its is open, as a device's `lost`
 * always is: the program would never end, and nothing could be waited for synchronously. This stands before `setImmediate`,
 * lets those calls keep the program alive only while somebody awaits the device, and can make them at once.
 */
export class EventPump {
  private readonly pending = new Map<() => void, Immediate>();
  private awaited = 0;

  constructor() {
    const original = globalThis.setImmediate;
    const schedule = (callback: (...args: unknown[]) => void, ...args: unknown[]): Immediate => {
      if (args.length > 0 || !isDawns(callback)) return original(callback, ...args);
      const immediate = original(() => this.call(callback));
      this.pending.set(callback, immediate);
      if (this.awaited === 0) immediate.unref();
      return immediate;
    };
    globalThis.setImmediate = Object.assign(schedule, original) as typeof setImmediate;
  }

  /** Keeps the program alive until the promise that `f` makes has settled. */
  async whileAwaited<T>(f: () => Promise<T>): Promise<T> {
    this.awaited++;
    for (const immediate of this.pending.values()) immediate.ref();
    try {
      return await f();
    } finally {
      this.awaited--;
      if (this.awaited === 0) for (const immediate of this.pending.values()) immediate.unref();
    }
  }

  /** Lets Dawn work on its events until `done` holds. */
  until(done: () => boolean): void {
    while (!done()) {
      if (this.pending.size === 0) throw new Error('webgpu: Dawn waits for nothing, yet the data have not come.');
      for (const callback of [...this.pending.keys()]) this.call(callback);
    }
  }

  private call(callback: () => void): void {
    const immediate = this.pending.get(callback);
    if (!this.pending.delete(callback)) return;
    clearImmediate(immediate);
    callback();
  }
}

/** Functions of an addon have no name and no source; bound ones have a name. */
function isDawns(f: (...args: unknown[]) => void): boolean {
  return f.name === '' && Function.prototype.toString.call(f).includes('[native code]');
}
