/** The task queues a host may have; not every host of this package has each of them. */
interface TaskQueues {
  setImmediate?(callback: () => void): unknown;
  MessageChannel?: new () => {
    port1: { onmessage: (() => void) | null; close(): void };
    port2: { postMessage(message: null): void };
  };
  setTimeout(callback: () => void, milliseconds: number): unknown;
}

/** Lets the event loop run its tasks (signals, timers, painting) once. */
export function nextTask(queues = globalThis as unknown as TaskQueues): Promise<void> {
  return new Promise((resolve) => {
    if (queues.setImmediate !== undefined) {
      queues.setImmediate(resolve);
    } else if (queues.MessageChannel !== undefined) {
      // A timer in a hidden page waits a second or more; a message doesn't.
      const { port1, port2 } = new queues.MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    } else {
      queues.setTimeout(resolve, 0);
    }
  });
}

/** Returns a function to await between pieces of work: it yields to the event loop once `milliseconds` have passed since the last time. */
export function pacer(milliseconds = 25): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < milliseconds) return;
    await nextTask();
    last = performance.now();
  };
}
