type Tick = () => void;

/** How long events are asked for without a pause, in ms; after that, once a millisecond. */
const BUSY = 2;

/** Whether V8 has no source of a function: the addon's own. */
const isNative = (f: unknown): boolean => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(f));

/**
 * Dawn's addon asks for its events by `setImmediate`, over and over while a promise of its is open, as `mapAsync`'s. So data
 * could not be waited for synchronously, and a wait would take a whole core. This takes those calls in its stead: `setImmediate`
 * is another only while the addon is at work inside `catching`, and passes on what a listener called there asks for.
 */
export class EventPump {
  private readonly immediately = globalThis.setImmediate; // as they were: a test may put fakes in their place
  private readonly later = globalThis.setTimeout;
  private readonly never = new Int32Array(new SharedArrayBuffer(4)); // nobody wakes who waits here
  /** One for each instance of Dawn that waits: a program may have its own beside tfjs's. */
  private ticks: Tick[] = [];
  private scheduled = false;
  private since = 0;

  /** Calls `f`; what Dawn asks for meanwhile comes here. */
  catching<T>(f: () => T): T {
    const before = globalThis.setImmediate;
    const instead = (task: Tick, ...args: []) => (isNative(task) ? this.take(task) : before(task, ...args));
    globalThis.setImmediate = instead as typeof setImmediate;
    try {
      return f();
    } finally {
      globalThis.setImmediate = before;
    }
  }

  /** Has the promises that a method of Dawn makes wait on this pump. */
  attach(prototype: object, method: string): void {
    const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
    const original = methods[method];
    if (original === undefined) return;
    const pump = this;
    methods[method] = function (...args) {
      pump.since = performance.now();
      return pump.catching(() => original.apply(this, args));
    };
  }

  /** Lets Dawn work on its events until `done` holds or it waits for nothing any more. */
  until(done: () => boolean): void {
    const start = performance.now();
    while (!done() && this.ticks.length > 0) {
      this.turn();
      if (performance.now() - start > BUSY) Atomics.wait(this.never, 0, 0, 0.2); // the device may be these very cores
    }
  }

  private take(tick: Tick): void {
    this.ticks.push(tick);
    if (this.scheduled) return;
    this.scheduled = true;
    const turn = () => {
      this.scheduled = false;
      this.turn();
    };
    if (performance.now() - this.since < BUSY) this.immediately(turn);
    else this.later(turn, 1);
  }

  private turn(): void {
    const { ticks } = this; // none if `until` was faster
    this.ticks = [];
    for (const tick of ticks) this.catching(tick);
  }
}
