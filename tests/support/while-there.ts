/** A store as a page sees it that may be gone: then nothing that it asks for is done any more. */
export function whileThere<T extends object>(store: T, isGone: () => boolean): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown =>
        isGone() ? new Promise(() => undefined) : Reflect.apply(value, target, given);
    },
  });
}
