import { serialization } from '@tensorflow/tfjs-core';
import type { initializers } from '@tensorflow/tfjs-layers';

/** An initialiser of tfjs-layers: what `tf.initializers.ones()` and its kin return. */
export type Initializer = ReturnType<typeof initializers.ones>;

/** An initialiser, its name ('glorotUniform'), or what a saved model holds in its place. */
export type InitializerArg = Initializer | string | { className: string; config: serialization.ConfigDict };

// tfjs-layers keeps its own reading of these to itself; this goes through the public registry of tfjs-core.

/** @throws RangeError if no initialiser has that name. */
export function toInitializer(who: string, arg: InitializerArg): Initializer {
  if (typeof arg === 'object' && 'apply' in arg) return arg;
  const { className, config } = typeof arg === 'string' ? { className: capital(arg), config: {} } : arg;
  const entry = serialization.SerializationMap.getMap().classNameMap[className];
  if (entry === undefined) {
    throw new RangeError(
      `${who}: there is no initializer "${className}". Take a name such as "glorotUniform", or tf.initializers.glorotUniform().`,
    );
  }
  const [cls, fromConfig] = entry;
  return fromConfig(cls, config) as Initializer;
}

export const toConfig = (initializer: Initializer): serialization.ConfigDict => ({
  className: initializer.getClassName(),
  config: initializer.getConfig(),
});

/** `name` -> `Name`. */
export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
