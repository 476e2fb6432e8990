/** The sizes of a model that a study depends on. */
export interface ModelShape {
  readonly layers: number;
  readonly hidden: number; // dimensions
  readonly room: number; // tokens that a prompt may have
}
