/** The 32 punctuation marks of ASCII. */
export const MARKS = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const MARK = /[!-/:-@[-`{-~]/g;

/**
 * Cuts text into lower-case words at whitespace; each of the 32 ASCII punctuation marks is a word of its own.
 *
 * Other signs (é, °, –) stay in their words.
 */
export function splitWords(text: string): string[] {
  const words = text.toLowerCase().replace(MARK, ' $& ').trim();
  return words === '' ? [] : words.split(/\s+/);
}

/** The words of a text without ASCII punctuation, which is deleted ("don't" is "dont"); letters keep their case. */
export function plainWords(text: string): string[] {
  const words = text.replace(MARK, '').trim();
  return words === '' ? [] : words.split(/\s+/);
}
