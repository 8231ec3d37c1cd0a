import { DataError } from '../data-error.ts';

/**
 * Reads recipes from JSON, a list of objects with `title` and `directions` (a list of strings, or one), whatever else they have: the
 * form of Kaggle's epirecipes and of other crawls. Each becomes "Recipe for TITLE | DIRECTIONS"; those whose title or directions are
 * missing or null are left out.
 *
 * @param name is what an error calls it, as a rule its file.
 * @throws DataError in one line if it is no such list or no recipe is left.
 */
export function readRecipes(json: string, name: string): string[] {
  return recipesOf(parseList(json, name), name);
}

/** `readRecipes` of what is parsed already. */
export function recipesOf(items: readonly unknown[], name: string): string[] {
  const texts: string[] = [];
  items.forEach((item, i) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw wrong(name, `item ${i}`, 'an object with title and directions', item);
    }
    const { title, directions } = item as { title?: unknown; directions?: unknown };
    if (title == null || directions == null) return;
    if (typeof title !== 'string') throw wrong(name, `the title of item ${i}`, 'a string', title);
    const steps: unknown = typeof directions === 'string' ? [directions] : directions;
    if (!Array.isArray(steps) || !steps.every((step) => typeof step === 'string')) {
      throw wrong(name, `the directions of item ${i}`, 'a list of strings', directions);
    }
    texts.push(`Recipe for ${title} | ${steps.join(' ')}`);
  });
  if (texts.length > 0) return texts;
  throw new DataError(
    `${name}: expected recipes, none of ${items.length} items has both a title and directions. Give the file of recipes.`,
  );
}

/** @throws DataError if the text is not JSON, or not a list. */
export function parseList(json: string, name: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new DataError(`${name}: expected JSON, got a fault: ${(error as Error).message}. Fetch the file again.`, {
      cause: error,
    });
  }
  if (Array.isArray(value)) return value;
  throw wrong(name, 'the file', 'a list', value);
}

function wrong(name: string, what: string, expected: string, got: unknown): DataError {
  const text = JSON.stringify(got);
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new DataError(`${name}: expected ${what} to be ${expected}, got ${short}. Give a JSON list of recipes.`);
}
