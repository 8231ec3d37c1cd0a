import type { CharacterVocabulary } from '@proj/io';
import type { WordVae } from '@proj/models';
import type { Model } from '../tasks/task.ts';

/** Importance samples a word of the IWAE bound: the k of L_k. */
export const IWAE_SAMPLES = 64;

/** What the trainer asks of a model of words. */
export interface WordModel extends Model {
  readonly network: WordVae;
  readonly vocabulary: CharacterVocabulary;
}
