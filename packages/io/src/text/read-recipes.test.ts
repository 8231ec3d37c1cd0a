import { expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { readRecipes } from './read-recipes.ts';

it("reads Kaggle's form and the crawl's, and leaves out what has no title or no directions", () => {
  const json = JSON.stringify([
    { directions: ['1. Place the stock.', '2. Fold.'], fat: 7, desc: null, title: 'Wrap ', ingredients: ['stock'] },
    {},
    { title: null, directions: ['Mix.'] },
    { title: 'Nothing', directions: null },
    { title: 'Pie', directions: 'Bake.', tags: ['Fish'], url: 'http://' },
    { title: 'Air', directions: [] },
  ]);
  // Golden: section 3.1: "Recipe for " + title + " | " + directions joined by spaces, where both are not null.
  expect(readRecipes(json, 'r.json')).toEqual([
    'Recipe for Wrap  | 1. Place the stock. 2. Fold.',
    'Recipe for Pie | Bake.',
    'Recipe for Air | ',
  ]);
});

it.each([
  ['[{', 'r.json: expected JSON, got a fault'],
  ['{"title": "Pie"}', 'r.json: expected the file to be a list, got {"title":"Pie"}. Give a JSON list of recipes.'],
  [
    '[{"title": "Pie", "directions": ["Bake."]}, 3]',
    'expected item 1 to be an object with title and directions, got 3.',
  ],
  ['[[1]]', 'expected item 0 to be an object'],
  ['[{"title": 1, "directions": []}]', 'expected the title of item 0 to be a string, got 1'],
  ['[{"title": "Pie", "directions": [1]}]', 'expected the directions of item 0 to be a list of strings, got [1]'],
  ['[]', 'r.json: expected recipes, none of 0 items has both a title and directions.'],
  ['[{"name": "Pie"}]', 'none of 1 items has both'],
])('refuses %s', (json, message) => {
  expect(() => readRecipes(json, 'r.json')).toThrow(DataError);
  expect(() => readRecipes(json, 'r.json')).toThrow(message);
});
