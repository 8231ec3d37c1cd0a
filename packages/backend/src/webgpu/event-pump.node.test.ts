import { expect, it } from 'vitest';
import { EventPump } from './event-pump.ts';

/** What Dawn's addon does: a promise is open until events were asked for so many times, by functions of V8's own. */
class Addon {
  asked = 0;
  private readonly native = this.ask.bind(this);

  open(): void {
    setImmediate(this.native);
  }

  private ask(): void {
    this.asked += 1;
    if (this.asked < 3) setImmediate(this.native);
  }
}

function pumped() {
  const pump = new EventPump();
  class Other extends Addon {} // a method of its own, as another class of Dawn's has
  Object.defineProperty(Other.prototype, 'open', { value: Addon.prototype.open, writable: true });
  pump.attach(Other.prototype, 'open');
  return { pump, make: () => new Other() };
}

it('serves every instance of the addon, synchronously and by and by', async () => {
  const { pump, make } = pumped();
  const [one, other] = [make(), make()];
  one.open();
  other.open();
  pump.until(() => one.asked === 3);
  expect([one.asked, other.asked]).toEqual([3, 3]);
  const more = [make(), make()];
  for (const addon of more) addon.open();
  await expect.poll(() => more.map(({ asked }) => asked)).toEqual([3, 3]);
});

it("leaves setImmediate to a program's own code that the addon calls, such as a listener", async () => {
  const { pump } = pumped();
  const heard: unknown[] = [];
  const immediate = pump.catching(() => setImmediate((...args: unknown[]) => heard.push(args), 1, 'two'));
  expect(immediate.hasRef()).toBe(true);
  await expect.poll(() => heard).toEqual([[1, 'two']]);
  expect(pump.catching(() => 7)).toBe(7);
});
