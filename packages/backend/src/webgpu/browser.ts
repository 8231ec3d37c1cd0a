interface Gpu {
  requestAdapter(options: object): Promise<object | null>;
}

/** Why a page that has `navigator.gpu` cannot use it, or null; tfjs fails there over an adapter that is null. */
export async function adapterAbsence(): Promise<string | null> {
  const { gpu } = navigator as unknown as { gpu: Gpu };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter !== null) return null;
  return 'the browser found no adapter: its graphics acceleration is off, or it does not trust the driver (chrome://gpu): use wasm';
}
