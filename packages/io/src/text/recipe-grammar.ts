import { checkSeed, Random } from '../internal/random.ts';
import { dishes, pools, shared } from './recipe-dishes.ts';

export interface RecipeGrammarOptions {
  /** N, recipes to draw. */
  count: number;
  /** Same seed, same recipes, on every machine. Recipe i does not depend on `count`. */
  seed: number;
}

/**
 * Draws recipes in the form of the real ones, "Recipe for TITLE | DIRECTIONS", from a grammar of 22 dishes: what the title names comes
 * back in the directions, so a model gains by remembering it.
 *
 * @throws RangeError if an option does not fit.
 */
export function recipeGrammar({ count, seed }: RecipeGrammarOptions): string[] {
  checkSeed('recipeGrammar', seed);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new RangeError(`recipeGrammar: count must be a whole number from 0 to 10,000,000, got ${count}.`);
  }
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed, i);
    const [title, ...directions] = dishes[random.below(dishes.length)]!;
    const slots = new Map<string, string>();
    const steps = directions.map((step) => write(step, slots, random)).filter(Boolean);
    return `Recipe for ${titleCase(write(title, slots, random))} | ${steps.join(' ')}`;
  });
}

/** The phrase with its shared sentences, choices and slots filled in. */
function write(phrase: string, slots: Map<string, string>, random: Random): string {
  let text = phrase.replace(/<(\w+)>/g, (_, name: string) => shared[name]!);
  const choice = /\[([^[\]]*)\]/g;
  while (text.includes('[')) {
    text = text.replace(choice, (_, options: string) => {
      const list = options.split('|');
      return list[random.below(list.length)]!;
    });
  }
  return text
    .replace(/\{([a-z]+)(\d?)(\.one)?\}/g, (_, pool: string, number: string, one?: string) => {
      const [single, plural = single] = fill(pool, pool + number, slots, random).split(':') as [string, string?];
      return one ? single : plural;
    })
    .trim();
}

function fill(pool: string, slot: string, slots: Map<string, string>, random: Random): string {
  const before = slots.get(slot);
  if (before !== undefined) return before;
  const taken = new Set([...slots].filter(([name]) => name.replace(/\d$/, '') === pool).map(([, value]) => value));
  const value = random.pick(pools[pool]!.filter((item) => !taken.has(item)));
  slots.set(slot, value);
  return value;
}

const titleCase = (title: string) =>
  title.replace(/(?<![\p{L}])(?!(?:and|with)\b)\p{L}/gu, (letter) => letter.toUpperCase());
