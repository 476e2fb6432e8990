/** What a test has the server do wrong. */

export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'drop' } // the connection ends before an answer
  | { readonly kind: 'hang' } // no answer ever comes
  | { readonly kind: 'ignore-ranges' } // 200 with everything
  | { readonly kind: 'stall'; readonly afterBytes: number } // of the answer's body; then nothing
  | { readonly kind: 'cut'; readonly afterBytes: number } // then the connection ends
  | { readonly kind: 'corrupt' } // one bit of the file is wrong
  | { readonly kind: 'redirect' }; // to the other origin, for files that are not in LFS as well

export interface FaultRule {
  readonly fault: Fault;
  readonly path: RegExp; // against the address's path, decoded
  readonly origin?: 'hub' | 'cdn'; // either, by default
  readonly after?: number; // so many requests that match go well first
  readonly times?: number; // for ever, by default
}

/** The rules in force; the first that matches a request and is not used up applies. */
export class Faults {
  readonly #rules: { readonly rule: FaultRule; before: number; left: number }[] = [];

  add(fault: Fault, where: Omit<FaultRule, 'fault'>): void {
    this.#rules.push({ rule: { fault, ...where }, before: where.after ?? 0, left: where.times ?? Infinity });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The fault for a request, used up by it; only of those kinds that `can` be done at this point. */
  take<K extends Fault['kind']>(
    origin: 'hub' | 'cdn',
    path: string,
    can: readonly K[],
  ): Extract<Fault, { kind: K }> | null {
    const found = this.#rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (can as readonly string[]).includes(rule.fault.kind) &&
        (rule.origin ?? origin) === origin &&
        rule.path.test(path),
    );
    if (found === undefined) return null;
    if (found.before > 0) {
      found.before--;
      return null;
    }
    found.left--;
    return found.rule.fault as Extract<Fault, { kind: K }>;
  }
}
