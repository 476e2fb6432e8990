import { tick } from 'svelte';

/** Resolves when the page has been laid out and painted as it is now. */
export async function drawn(): Promise<void> {
  await tick();
  for (let frame = 0; frame < FRAMES; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
}

const FRAMES = 3; // one measures the charts' places, one draws into them, and one has seen them drawn
