/**
 * Samples a tab's memory while it works: JavaScript heaps and array buffers of the page and its workers, through the DevTools protocol,
 * which workers answer even while JavaScript runs; WASM memories, recorded as they are created by a line added to each worker's script;
 * and the resident size of the browser's processes.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { processMemory } from '../../tests/browser/harness/process-memory.ts';

const SAMPLE_MS = 250;
const ANSWER_MS = 1000; // time limit for a worker's answer

/** Runs before a worker's own script: records every WASM memory that the worker creates or receives, without preventing its collection. */
export const NOTE_WASM_MEMORIES = `
globalThis.wasmMemories = new Set();
{
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor) { super(descriptor); wasmMemories.add(new WeakRef(this)); }
  };
  const note = (made) => {
    for (const value of Object.values((made.instance ?? made).exports)) if (value instanceof Memory) wasmMemories.add(new WeakRef(value));
    return made;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const make = WebAssembly[name];
    WebAssembly[name] = (...given) => make.apply(WebAssembly, given).then(note);
  }
}
`;
const WASM_BYTES =
  '[...new Set([...(globalThis.wasmMemories ?? [])].map((memory) => memory.deref()))]' +
  '.reduce((sum, memory) => sum + (memory?.buffer.byteLength ?? 0), 0)';

export interface TimedJob<T> {
  readonly value: T;
  readonly seconds: number;
  readonly cpuSeconds: number; // CPU time of the browser processes that exist at the end
}

export interface WatchedJob<T> extends TimedJob<T> {
  readonly peak: MemoryPeak;
}

interface MemoryPeak {
  readonly heap: number; // bytes of JavaScript heaps and array buffers, page and workers together
  readonly wasm: number; // bytes of WASM memories, which never shrink but can be collected
  readonly both: number; // peak of heaps, buffers and WASM together
  readonly tab: number; // resident bytes of the tab's process
  readonly total: number; // resident bytes of all processes, counting shared memory in each
}

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number; // bytes of array buffers, without WASM memories
}

/** Bytes used by a page or a worker. */
type Held = Pick<MemoryPeak, 'heap' | 'wasm'>;

type Answer = Readonly<Record<string, unknown>>;

const heapBytes = ({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }: HeapUsage): number =>
  usedSize + embedderHeapUsedSize + backingStorageSize;

export class TabMemory {
  readonly #browser: Browser;
  readonly #session: CDPSession;
  readonly #workers = new Set<string>(); // session ids
  readonly #last = new Map<string, Held>();
  readonly #waiting = new Map<number, (answer: Answer | null) => void>();
  #asked = 0;

  private constructor(browser: Browser, session: CDPSession) {
    this.#browser = browser;
    this.#session = session;
    session.on('Target.attachedToTarget', ({ sessionId }) => this.#workers.add(sessionId));
    session.on('Target.detachedFromTarget', ({ sessionId }) => this.#workers.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id?: number; result?: Answer };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result ?? null);
      this.#waiting.delete(id);
    });
  }

  /** Must be called before the page starts its workers. */
  static async of(browser: Browser, page: Page): Promise<TabMemory> {
    const session = await page.context().newCDPSession(page);
    const memory = new TabMemory(browser, session);
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return memory;
  }

  /** The result of `job` and the peak memory while it ran. Sampling four times a second takes processor time too. */
  async during<T>(job: () => Promise<T>): Promise<WatchedJob<T>> {
    let [heap, wasm, both, tab, total] = [0, 0, 0, 0, 0];
    const state = { isDone: false };
    const finished = this.timed(job).finally(() => (state.isDone = true));
    finished.catch(() => undefined); // awaited below
    while (!state.isDone) {
      const [held, processes] = await Promise.all([this.#held(), processMemory(this.#browser)]);
      heap = Math.max(heap, held.heap);
      wasm = Math.max(wasm, held.wasm);
      both = Math.max(both, held.heap + held.wasm);
      tab = Math.max(tab, processes.renderer);
      total = Math.max(total, processes.total);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
    return { ...(await finished), peak: { heap, wasm, both, tab, total } };
  }

  /** The result of `job` and how long it took, without sampling memory. */
  async timed<T>(job: () => Promise<T>): Promise<TimedJob<T>> {
    const [start, cpuStart] = [performance.now(), await this.#cpuSeconds()];
    const value = await job();
    const seconds = (performance.now() - start) / 1000;
    const cpuEnd = [...(await this.#cpuSeconds())];
    const cpuSeconds = cpuEnd.reduce((sum, [id, spent]) => sum + spent - (cpuStart.get(id) ?? 0), 0);
    return { value, seconds, cpuSeconds };
  }

  /** Memory by process. */
  async #cpuSeconds(): Promise<ReadonlyMap<number, number>> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return new Map(processInfo.map(({ id, cpuTime }) => [id, cpuTime]));
  }

  async #held(): Promise<Held> {
    const page = { heap: heapBytes(await this.#session.send('Runtime.getHeapUsage')), wasm: 0 };
    const workers = await Promise.all([...this.#workers].map((worker) => this.#heldBy(worker)));
    return [page, ...workers].reduce((sum, { heap, wasm }) => ({ heap: sum.heap + heap, wasm: sum.wasm + wasm }));
  }

  /** A worker that cannot answer during a long WASM run counts with its last known value. */
  async #heldBy(worker: string): Promise<Held> {
    const [usage, memories] = await Promise.all([
      this.#ask(worker, 'Runtime.getHeapUsage'),
      this.#ask(worker, 'Runtime.evaluate', { expression: WASM_BYTES, returnByValue: true }),
    ]);
    const { value } = (memories?.['result'] ?? {}) as { value?: unknown };
    const before = this.#workers.has(worker) ? this.#last.get(worker) : undefined;
    const held = {
      heap: usage === null ? (before?.heap ?? 0) : heapBytes(usage as unknown as HeapUsage),
      wasm: typeof value === 'number' ? value : (before?.wasm ?? 0),
    };
    this.#last.set(worker, held);
    return held;
  }

  /** Null if the worker has ended, refused, or cannot answer during a long WASM run. */
  #ask(worker: string, method: string, params: object = {}): Promise<Answer | null> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), ANSWER_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      const message = JSON.stringify({ id, method, params });
      this.#session.send('Target.sendMessageToTarget', { sessionId: worker, message }).catch(() => {
        this.#waiting.delete(id);
        resolve(null);
      });
    });
  }
}
