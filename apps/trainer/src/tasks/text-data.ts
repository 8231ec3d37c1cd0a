import { loadTexts, type TextData } from '@proj/io/node';
import { fetched } from '../data.ts';
import type { Io } from '../io.ts';

/** What all tasks of text say of their data: a model need not know how long the items are. */
export const textData = {
  usualShape: {},
  shapeOf: () => ({}),
  counts: ({ train, validation, test }: TextData) => ({
    ...{ train: train.length, validation: validation.length, test: test.length },
  }),
};

/** Documents, by the name of a data set or a path. */
export const loadDocuments = (io: Io, name: string, limit: number | null): Promise<TextData> =>
  fetched(io, (options) => loadTexts(name, { ...(limit !== null && { limit }), ...options }));
