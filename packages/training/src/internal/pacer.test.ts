import { expect, it, vi } from 'vitest';
import { nextTask, pacer } from './pacer.ts';

const queues = {
  immediate: { setImmediate: globalThis.setImmediate, setTimeout: globalThis.setTimeout },
  message: { MessageChannel: globalThis.MessageChannel as never, setTimeout: globalThis.setTimeout },
  timer: { setTimeout: globalThis.setTimeout },
};

it.each(Object.entries(queues))('nextTask lets other tasks run, by %s', async (_, host) => {
  let ran = false;
  setTimeout(() => {
    ran = true;
  }, 0);
  for (let i = 0; i < 1000 && !ran; i++) await nextTask(host);
  expect(ran).toBe(true);
});

it('pacer yields once its time has passed, and not before', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  const immediate = vi.spyOn(globalThis, 'setImmediate');
  try {
    const pace = pacer(25);
    now.mockReturnValue(24);
    await pace();
    expect(immediate).toHaveBeenCalledTimes(0);
    now.mockReturnValue(25);
    await pace();
    expect(immediate).toHaveBeenCalledTimes(1);
    now.mockReturnValue(49);
    await pace();
    expect(immediate).toHaveBeenCalledTimes(1);
  } finally {
    vi.restoreAllMocks();
  }
});
