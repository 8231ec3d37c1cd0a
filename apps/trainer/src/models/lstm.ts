import type { TextData } from '@proj/io/node';
import { z } from 'zod';
import { texts } from '../tasks/texts.ts';
import { textNetwork } from './networks.ts';
import type { ModelSpec } from './spec.ts';
import { type TextModel, textModel, textNotes, textSettings, wordVectors } from './text-model.ts';

const schema = z.object(textSettings);

export const lstm: ModelSpec<TextData, TextModel> = {
  name: 'lstm',
  task: texts,
  summary: 'language model of words: embedding, LSTM, softmax (Foster 2023, chapter 5)',
  schema,
  defaults: { data: 'recipe-grammar', epochs: 12, batch: 32, learningRate: 1e-3 },
  monitor: { metric: 'nll', mode: 'min' },
  notes: () => textNotes,
  create: (settings, _, seed, assets) => textModel(schema.parse(settings), { cell: 'lstm' }, seed, assets),
  network: (_, { network }) => textNetwork(network),
  vectors: wordVectors,
};
