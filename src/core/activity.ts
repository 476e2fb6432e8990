/**
 * What this thread is about to do, said before a part that may keep it from answering for long. Whoever watches over the thread can
 * then tell slow from stuck, and name what was being done. A thread that nobody watches, such as the command line, tells nobody.
 */

/** `tokenizer`: a tokenizer or a chat template, which a checkpoint brings along; `session`: compiling a model; `model`: running it. */
export type ActivityKind = 'tokenizer' | 'session' | 'model';

export interface Activity {
  readonly kind: ActivityKind;
  readonly of: string; // the checkpoint, or '' where it is not known
}

const AGAIN_MS = 1000; // the same activity is told so often at most, as a sign of life from inside a loop

let tell: ((activity: Activity | null) => void) | null = null;
let current: Activity | null = null;
let toldAt = 0;

/** From now on `listener` hears what this thread does; null: nobody does. */
export function tellActivities(listener: ((activity: Activity | null) => void) | null): void {
  tell = listener;
  current = null;
  toldAt = 0;
}

/** Says what this thread does from here on; null: nothing that takes long without a pause. */
export function enterActivity(activity: Activity | null): void {
  if (tell === null) return;
  const isSame = activity?.kind === current?.kind && activity?.of === current?.of;
  if (isSame && (activity === null || Math.abs(Date.now() - toldAt) < AGAIN_MS)) return;
  current = activity;
  toldAt = Date.now();
  tell(activity);
}

/** Does `job`, which holds the thread, and says so. Around a loop whose turns say the same, it spares a message for every turn. */
export function duringActivity<T>(activity: Activity, job: () => T): T {
  const before = current;
  const isWithin = before?.kind === activity.kind;
  enterActivity(isWithin ? before : activity);
  try {
    return job();
  } finally {
    if (!isWithin) enterActivity(before);
  }
}
