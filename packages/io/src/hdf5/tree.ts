import type { NumericArray } from '../internal/numeric-array.ts';
/** Values of a data set or an attribute. float16 and bfloat16 are held as Float32Array; 64-bit integers are big integers. */
export type Hdf5Array = NumericArray | string[];

/** Row-major values; the shape [] is one value. */
export interface Hdf5Value {
  shape: number[];
  data: Hdf5Array;
}

export interface Hdf5Dataset extends Hdf5Value {
  kind: 'dataset';
  attributes: Map<string, Hdf5Value>;
}

export interface Hdf5Group {
  kind: 'group';
  members: Map<string, Hdf5Group | Hdf5Dataset>;
  attributes: Map<string, Hdf5Value>;
}

/** What is at `path` (names between slashes) below a group, or undefined. */
export function findInHdf5(root: Hdf5Group, path: string): Hdf5Group | Hdf5Dataset | undefined {
  let node: Hdf5Group | Hdf5Dataset | undefined = root;
  for (const name of path.split('/').filter(Boolean))
    node = node?.kind === 'group' ? node.members.get(name) : undefined;
  return node;
}
