import type { TextData } from '@proj/io/node';
import { z } from 'zod';
import { texts } from '../tasks/texts.ts';
import { lstm } from './lstm.ts';
import type { ModelSpec } from './spec.ts';
import { type TextModel, textModel, textSettings } from './text-model.ts';

const schema = z.object({
  ...textSettings,
  reset: z
    .enum(['before', 'after'])
    .default('before')
    .describe('the reset gate acts on the state before its product (the paper) or after it (Keras, PyTorch)'),
});

export const gru: ModelSpec<TextData, TextModel> = {
  ...lstm,
  name: 'gru',
  task: texts,
  summary: 'the same with a GRU (Cho et al. 2014)',
  schema,
  create(settings, _, seed, assets) {
    const { reset, ...others } = schema.parse(settings);
    return textModel(others, { cell: 'gru', reset }, seed, assets);
  },
};
