import { writeProjectorMetadata, writeProjectorTensors } from '@proj/io';
import { chunk, chunkLabel, preprocess } from '@proj/tokun';
import { UsageError } from './errors.ts';
import type { VectorCodec } from './tasks/task.ts';

const WORD = 4;

/**
 * The two files of the TensorBoard projector for a text: a row for each different token of it, in the order of first sight, and its characters
 * with their code points.
 *
 * @throws UsageError if tokens are not whole characters.
 */
export async function projectorFiles(codec: VectorCodec, text: string): Promise<{ tensors: string; metadata: string }> {
  const { tokenSize, width } = codec;
  if (tokenSize % WORD !== 0) {
    throw new UsageError(`tsv has a row for each chunk of whole characters; tokens of ${tokenSize} bytes have none.`);
  }
  const chunks = chunk(text, tokenSize / WORD, { repeats: false, pad: true });
  const data = await codec.encode(preprocess(chunks.join(''), { tokenSize }));
  return {
    tensors: writeProjectorTensors({ data, shape: [chunks.length, width] }),
    metadata: writeProjectorMetadata(chunks.map(chunkLabel)),
  };
}
