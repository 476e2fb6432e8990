/** Whether the plan's form is open, and where. */
export class PlanForm {
  #isOpen = $state(false);
  #looked = $state<string | null>(null);
  #isExpected = false; // that set, which is not put in yet

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Key of the prompt set that the form was opened for. */
  get looked(): string | null {
    return this.#looked;
  }

  /** Opens it, at a prompt set where one is named. */
  open(looked: string | null = null): void {
    this.#isOpen = true;
    this.#isExpected = looked !== null;
    this.#looked = looked;
  }

  /** True once for each set that the form was opened for. */
  arrive(): boolean {
    const isExpected = this.#isExpected;
    this.#isExpected = false;
    return isExpected;
  }

  close(): void {
    this.#isOpen = false;
    this.#isExpected = false;
    this.#looked = null;
  }
}
