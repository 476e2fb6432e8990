/** Waits for a lost network: until the delay is over, or the browser reports that it is back. */

/** Resolves after `delayMs`, at the next `online` event, or when the signal fires, whichever comes first. */
export function waitForNetwork({ delayMs }: { readonly delayMs: number }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      globalThis.removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs); // if the machine sleeps, it fires as soon as it wakes up
    globalThis.addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
