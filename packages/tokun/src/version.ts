export interface VersionOptions {
  readonly groups: readonly number[];
  readonly activation?: string;
  readonly attention?: boolean;
  readonly normalization?: boolean;
}

/** What a model is called, as parts of a path: ['4x4', 'silu', 'True', 'True'], groups, activation, attention and normalisation. */
export function version({
  groups,
  activation = 'silu',
  attention = true,
  normalization = true,
}: VersionOptions): [groups: string, activation: string, attention: string, normalization: string] {
  const written = (flag: boolean) => (flag ? 'True' : 'False');
  return [groups.join('x'), activation, written(attention), written(normalization)];
}
