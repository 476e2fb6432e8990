import { afterEach, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';
import { heldMemory, processMemory } from './harness/process-memory.ts';

const CHECKPOINT = 'ladders/tiny-olmo3/Instruct';
const WEIGHT_BYTES = 3.9e6; // of that checkpoint in float32
const WARM_UP = 5; // loads after which heap, shaders and caches have their size
const ROUNDS = 10;
/** Else the page's memory is told at its next garbage collection, up to 20 s later. */
const MEASURED_AT_ONCE = '--enable-blink-features=ForceEagerMeasureMemory';

let launched: LaunchedPage | undefined;

afterEach(async () => {
  const last = launched;
  launched = undefined;
  await last?.close();
});

describe.each<Provider>(['wasm', 'webgpu'])('a model put away on %s', (provider) => {
  it(`leaves nothing behind, ${ROUNDS} times`, async () => {
    launched = await launchEngine({ provider, ownBrowser: [MEASURED_AT_ONCE] });
    const { page, context } = launched;
    const browser = context.browser();
    if (browser === null) throw new Error('the page has no browser');
    const load = (times: number): Promise<void> =>
      page.evaluate(([folder, provider, times]) => window.engine.loadAndRelease(folder, provider, times), [
        CHECKPOINT,
        provider,
        times,
      ] as const);
    await load(WARM_UP);
    const before = { page: await heldMemory(page), ...(await processMemory(browser)) };
    await load(ROUNDS);
    const after = { page: await heldMemory(page), ...(await processMemory(browser)) };
    // One copy of the weights kept at each load would be 10 times this much.
    expect(after.page - before.page).toBeLessThan(WEIGHT_BYTES);
    expect(after.gpu - before.gpu).toBeLessThan(4 * WEIGHT_BYTES);
  });
});
