import { holdsRuns } from './holds.ts';

await holdsRuns('webgpu');
