import { MARKS } from './split-words.ts';

/** Which neighbours a word stands beside without a space. */
type Sides = readonly [left: boolean, right: boolean];

const APART: Sides = [false, false];
const CLOSING: Sides = [true, false];
const OPENING: Sides = [false, true];
const INSIDE: Sides = [true, true];

const SIDES = new Map<string, Sides>([
  ...[...'.,;:!?)]}%'].map((mark) => [mark, CLOSING] as const),
  ...[...'([{$#~*'].map((mark) => [mark, OPENING] as const),
  ...[...'/\\_^@'].map((mark) => [mark, INSIDE] as const),
]);

const MARK_SET: ReadonlySet<string> = new Set(MARKS);
const CONTRACTED = /^(s|t|re|ve|ll|d|m)$/;

/**
 * Writes words as text, the inverse of `splitWords` as far as words tell: "mix flour , salt . bake" is "mix flour, salt. bake".
 *
 * Quotes open and close in turn, after a number `"` means inches; an apostrophe joins contractions and elisions (don't, d'oeuvre); hyphens
 * and slashes join words; a point, comma or colon joins digits (1.5, 1,000, 10:30). Letters stay as they are. Whatever the words, two
 * that are no marks have a space between them, so `splitWords(joinWords(words))` gives the words of `splitWords` back.
 */
export function joinWords(words: readonly string[]): string {
  const open = new Set<string>();
  let text = '';
  let sticks = true; // the text so far takes the next word without a space
  for (let i = 0; i < words.length; i++) {
    const [left, right] = sidesOf(words, i, open);
    text += sticks || left ? words[i]! : ` ${words[i]!}`;
    sticks = right;
  }
  return text;
}

/** `open` has the quotes that stand open before this word, and is brought up to date. */
function sidesOf(words: readonly string[], i: number, open: Set<string>): Sides {
  const [before = '', word = '', after = ''] = [words[i - 1], words[i], words[i + 1]];
  switch (word) {
    case '.':
    case ',':
    case ':':
      return [true, joinsDigits(before, word, after) || abbreviates(words, i)];
    case '-':
      return [isWord(before) || /^[-"]$/.test(before), (isWord(after) || after === '-') && !suspends(words, i)];
    case "'":
      if (isWord(before) && (CONTRACTED.test(after) || (elided(before, open) && isWord(after)))) return INSIDE;
      if (before.endsWith('s') && !open.has(word)) return CLOSING; // the cooks' note
      return quote(word, open);
    case '"':
      if (/\d$/.test(before) && !open.has(word)) return CLOSING; // a 9" pan
      return quote(word, open);
    case '`':
      return quote(word, open);
    default:
      return SIDES.get(word) ?? APART;
  }
}

/** The first hyphen of "8- to 10-inch". */
const suspends = (words: readonly string[], i: number) =>
  /\d$/.test(words[i - 1] ?? '') && /^(to|or|and)$/.test(words[i + 1] ?? '') && words[i + 2] !== '-';

const isWord = (word: string) => word !== '' && !MARK_SET.has(word);

/** The d of d'oeuvre, but not the n of 'n'. */
const elided = (word: string, open: ReadonlySet<string>) => /^([b-hj-z]|qu)$/.test(word) && !open.has("'");

function quote(mark: string, open: Set<string>): Sides {
  if (open.delete(mark)) return CLOSING;
  open.add(mark);
  return OPENING;
}

function joinsDigits(before: string, mark: string, after: string): boolean {
  const wanted = { '.': /^\d/, ',': /^\d{3}$/, ':': /^\d\d$/ }[mark];
  return /\d$/.test(before) && wanted!.test(after);
}

/** The first point of "e.g.", "p.m.". */
const abbreviates = (words: readonly string[], i: number) =>
  words[i] === '.' && /^[a-z]$/.test(words[i - 1] ?? '') && /^[a-z]$/.test(words[i + 1] ?? '') && words[i + 2] === '.';
