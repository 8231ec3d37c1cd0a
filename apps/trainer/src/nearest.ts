import { closest } from 'fastest-levenshtein';

/** The name nearest to what was typed, whatever its case. */
export const nearest = (typed: string, names: readonly string[]): string => closest(typed.toLowerCase(), names);

/** `unknown model 'vea'. Did you mean 'vae'? There are: autoencoder, vae.` */
export function unknownName(what: string, typed: string, names: readonly string[]): string {
  return `unknown ${what} '${typed}'. Did you mean '${nearest(typed, names)}'? There are: ${names.join(', ')}.`;
}
