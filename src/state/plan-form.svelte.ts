/** Whether the plan's form is open, and where. */
export class PlanForm {
  #isOpen = $state(false);
  #looked = $state<string | null>(null);

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
    this.#looked = looked;
  }

  close(): void {
    this.#isOpen = false;
    this.#looked = null;
  }
}
