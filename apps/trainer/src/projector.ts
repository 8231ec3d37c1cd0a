import { writeProjectorMetadata, writeProjectorTensors } from '@proj/io';
import { chunk, chunkLabel, preprocess } from '@proj/tokun';
import { UsageError } from './errors.ts';
import { CODEC_BYTES, type VectorCodec } from './tasks/task.ts';

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
  const bytes = preprocess(chunks.join(''), { tokenSize });
  const data = new Float32Array(chunks.length * width);
  const step = Math.ceil(CODEC_BYTES / tokenSize);
  for (let row = 0; row < chunks.length; row += step) {
    data.set(await codec.encode(bytes.subarray(row * tokenSize, (row + step) * tokenSize)), row * width);
  }
  return {
    tensors: writeProjectorTensors({ data, shape: [chunks.length, width] }),
    metadata: writeProjectorMetadata(chunks.map(chunkLabel)),
  };
}
