const BREATH = 30; // ms of work between two looks at what else there is to do

/** A function to await between pieces of work: it gives the event loop a turn if the last one was long ago. */
export function breather(signal?: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last > BREATH) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      last = performance.now();
    }
    signal?.throwIfAborted();
  };
}
