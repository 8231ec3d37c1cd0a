/** Why one address did not give a file. Another may. */
export class AddressFault extends Error {}

/** The line broke on the way: the same address may give the rest. */
export class CutOff extends AddressFault {}

/** What is wrong with the network; `fetch failed` hides it in its cause. */
export function networkFault(error: unknown): string {
  let inner: unknown = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  const code = (inner as { code?: unknown } | null)?.code;
  const text = inner instanceof Error ? inner.message : String(inner);
  return typeof code === 'string' && !text.includes(code) ? `${text || 'failed'} (${code})` : text;
}
