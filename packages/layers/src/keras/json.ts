/** An object of JSON, as configurations of Keras are made of. */
export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws RangeError that names what should be an object. */
export function asJson(value: unknown, what: string): Json {
  if (isJson(value)) return value;
  throw new RangeError(`modelFromKeras: expected ${what} to be an object, got ${short(value)}. Save the model again.`);
}

/** @throws RangeError that names what should be a list. */
export function asList(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new RangeError(`modelFromKeras: expected ${what} to be a list, got ${short(value)}. Save the model again.`);
}

/** @throws RangeError that names what should be text. */
export function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new RangeError(`modelFromKeras: expected ${what} to be text, got ${short(value)}. Save the model again.`);
}

export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** recurrent_activation -> recurrentActivation. */
export const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** recurrentActivation -> recurrent_activation. */
export const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const withKeys = (object: Json, rename: (key: string) => string): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));

/** What Keras calls the weights of a class of layers in an archive: Conv2DTranspose -> conv2d_transpose. */
export const archiveName = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** A function that gives names, each but its first use with a number behind: dense, dense_1. */
export function counter(): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
}
