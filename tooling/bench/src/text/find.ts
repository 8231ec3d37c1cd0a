import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { UnavailableError, verifyDataSet } from '@proj/io/node';

/** The first file of a data set, unpacked, where PROJ_DATA_DIR is set and holds it. */
export async function foundText(name: 'recipes' | 'names'): Promise<string | undefined> {
  if (!process.env.PROJ_DATA_DIR) return undefined;
  try {
    const path = (await verifyDataSet(name)).files[0]!;
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
