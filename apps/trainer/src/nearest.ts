/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: optimal string alignment. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The name nearest to what was typed; the first of equals. Undefined only when there are no names. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const score = (name: string) =>
    name.toLowerCase().startsWith(typed.toLowerCase()) && typed !== ''
      ? 0.5
      : distance(typed.toLowerCase(), name.toLowerCase());
  return names.reduce<string | undefined>(
    (best, name) => (best === undefined || score(name) < score(best) ? name : best),
    undefined,
  );
}

/** `unknown model 'vea'. Did you mean 'vae'? There are: autoencoder, vae.` */
export function unknownName(what: string, typed: string, names: readonly string[]): string {
  const guess = nearest(typed, names);
  return `unknown ${what} '${typed}'.${guess ? ` Did you mean '${guess}'?` : ''} There are: ${names.join(', ')}.`;
}
