import { checkOneOf, checkPositiveInteger, checkSeed } from '../internal/check.ts';

export interface LanguageModelConfig {
  /** V: ids are 0 to V - 1; 0 ends a text and pads it. */
  vocabulary?: number;
  /** E, numbers a word. */
  embedding?: number;
  /** H, of each recurrent layer. */
  units?: number;
  /** Recurrent layers, one upon the other. */
  layers?: number;
  cell?: 'lstm' | 'gru';
  /** Of a GRU: whether its reset gate works on the state before the product (the paper) or after it (Keras, PyTorch). */
  reset?: 'before' | 'after';
  /** Of the first weights. */
  seed?: number;
}

/** @throws RangeError if a value does not fit. */
export function complete({
  vocabulary = 10_000,
  embedding = 100,
  units = 128,
  layers = 1,
  cell = 'lstm',
  reset = 'before',
  seed = 0,
}: LanguageModelConfig): Required<LanguageModelConfig> {
  const who = 'LanguageModel';
  for (const [name, value] of Object.entries({ embedding, units, layers })) checkPositiveInteger(who, name, value);
  if (!(Number.isSafeInteger(vocabulary) && vocabulary >= 2)) {
    throw new RangeError(`${who}: vocabulary must be an integer of 2 or more, got ${vocabulary}. Id 0 ends a text.`);
  }
  checkOneOf(who, 'cell', cell, ['lstm', 'gru']);
  checkOneOf(who, 'reset', reset, ['before', 'after']);
  checkSeed(who, seed);
  return { vocabulary, embedding, units, layers, cell, reset, seed };
}
