/** Where the Checkpoints page leads: the same prompt and settings in Steer, with another model. */
export interface SteerLinks {
  readonly stored: (name: string) => string;
  readonly builtIn: (revision: string) => string;
}
