import type { Activity } from '../../src/core/activity.ts';
import { toWire } from '../../src/core/errors.ts';
import { signalOf, type ThreadSignal } from '../../src/threads/thread-signals.ts';

interface RemoteCall {
  readonly id: string;
  readonly path: readonly string[];
}

/** A worker's outside, as dead or alive as the test has it; calls of Comlink's stay unanswered until the test answers them. */
export class FakeWorker extends EventTarget implements Worker {
  readonly calls: RemoteCall[] = [];
  pings = 0;
  terminated = false;
  hangs = false;
  onmessage = null;
  onmessageerror = null;
  onerror = null;

  postMessage(message: unknown): void {
    const signal = signalOf(message);
    if (signal === null) this.calls.push(message as RemoteCall);
    if (signal?.harmscope !== 'ping') return;
    this.pings++;
    if (!this.hangs) this.tell({ harmscope: 'pong' });
  }

  terminate(): void {
    this.terminated = true;
  }

  tell(signal: ThreadSignal): void {
    this.dispatchEvent(new MessageEvent('message', { data: signal }));
  }

  /** It says what it is about to do, and is not heard of again. */
  hangIn(activity: Activity | null): void {
    this.tell({ harmscope: 'activity', activity });
    this.hangs = true;
  }

  /** Answers the first call to a method. */
  answer(method: string, value?: unknown): void {
    const at = this.calls.findIndex(({ path }) => path[0] === method);
    const [call] = this.calls.splice(at, 1);
    if (at < 0 || call === undefined) throw new Error(`${method} was not asked for`);
    this.dispatchEvent(new MessageEvent('message', { data: { id: call.id, type: 'RAW', value } }));
  }

  /** Rejects the first call to a method. */
  refuse(method: string, error: Error): void {
    const at = this.calls.findIndex(({ path }) => path[0] === method);
    const [call] = this.calls.splice(at, 1);
    if (call === undefined) throw new Error(`${method} was not asked for`);
    const data = { id: call.id, type: 'HANDLER', name: 'throw', value: toWire(error) };
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** What an uncaught error, or a script that cannot be loaded, gives. */
  fail(message?: string): Event {
    const event = Object.assign(new Event('error', { cancelable: true }), message === undefined ? {} : { message });
    this.dispatchEvent(event);
    return event;
  }
}
