/** Keeps the screen on while something long runs, as long as the page is looked at; the result ends that. */
export async function keepAwake(): Promise<(() => void) | null> {
  const { wakeLock } = navigator as { readonly wakeLock?: WakeLock }; // secure contexts of some browsers have it
  if (wakeLock === undefined) return null;
  let held: WakeLockSentinel | null = null;
  const hold = async (): Promise<void> => {
    if (document.visibilityState === 'visible') held = await wakeLock.request('screen').catch(() => null); // it may refuse
  };
  const onchange = (): void => void hold(); // a page out of sight loses it
  document.addEventListener('visibilitychange', onchange);
  await hold();
  return () => {
    document.removeEventListener('visibilitychange', onchange);
    void held?.release().catch(() => undefined);
  };
}
