/** What stops a chat template, and the limits that stop one. */

export type FaultKind =
  | 'syntax' // the template cannot be read
  | 'unsupported' // Jinja has it, the lab does not
  | 'failed' // what Jinja itself would refuse
  | 'raised' // the template's own raise_exception
  | 'limit'; // it goes on for too long

/** An error of a template. `line` is where it arose, from 1, or null where that is not known. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
  readonly kind: FaultKind;
  line: number | null = null;

  constructor(kind: FaultKind, message: string, line: number | null = null) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

export const failed = (message: string): TemplateFault => new TemplateFault('failed', message);
export const unsupported = (what: string): TemplateFault =>
  new TemplateFault('unsupported', `the lab does not support ${what} in a template`);

/** A dialogue takes some hundred steps a message; a template that passes these limits does not end, or might as well not. */
export const TEMPLATE_LIMITS = {
  steps: 2_000_000,
  seconds: 10,
  characters: 8_000_000, // of one text that it makes
  items: 1_000_000, // of one list
  depth: 150, // of macros that call macros
  range: 100_000, // Jinja's own: MAX_RANGE of its sandbox
} as const;

const CHARACTERS_A_STEP = 64; // so that work on long texts counts for what it costs
const STEPS_BETWEEN_LOOKS = 4096; // at the clock

/** Counts what one rendering does, and ends it where that is too much. */
export class Budget {
  #steps = 0;
  #nextLook = STEPS_BETWEEN_LOOKS;
  #depth = 0;
  readonly #deadline = performance.now() + 1000 * TEMPLATE_LIMITS.seconds;

  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > TEMPLATE_LIMITS.steps) {
      throw new TemplateFault('limit', `more than ${TEMPLATE_LIMITS.steps.toLocaleString('en')} steps`);
    }
    if (this.#steps < this.#nextLook) return;
    this.#nextLook = this.#steps + STEPS_BETWEEN_LOOKS;
    if (performance.now() > this.#deadline) {
      throw new TemplateFault('limit', `more than ${TEMPLATE_LIMITS.seconds} seconds`);
    }
  }

  /** To be asked before a text of that length is made. */
  text(length: number): void {
    this.limitText(length);
    this.step(1 + Math.floor(length / CHARACTERS_A_STEP));
  }

  /** The same of a text that grows bit by bit, whose bits were counted before. */
  limitText(length: number): void {
    if (length <= TEMPLATE_LIMITS.characters) return;
    throw new TemplateFault(
      'limit',
      `a text of more than ${TEMPLATE_LIMITS.characters.toLocaleString('en')} characters`,
    );
  }

  /** To be asked before a list of that length is made. */
  items(length: number): void {
    if (length > TEMPLATE_LIMITS.items) {
      throw new TemplateFault('limit', `a list of more than ${TEMPLATE_LIMITS.items.toLocaleString('en')} items`);
    }
    this.step(1 + length);
  }

  nested<T>(run: () => T): T {
    if (++this.#depth > TEMPLATE_LIMITS.depth) {
      throw new TemplateFault('limit', `macros nested more than ${TEMPLATE_LIMITS.depth} deep`);
    }
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
