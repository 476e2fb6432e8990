/**
 * What a tab holds, watched while it works: JavaScript heaps and array buffers of the page and its workers, asked of each by the
 * DevTools protocol, which even a busy worker answers; WASM memory, found among each worker's objects; and the resident size of the
 * browser's processes.
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { processMemory } from '../tests/browser/harness/process-memory.ts';

const SAMPLE_MS = 250;
const ANSWER_MS = 1000; // that a worker gets to answer

export interface WatchedJob<T> {
  readonly value: T;
  readonly seconds: number;
  readonly cpuSeconds: number; // of all the browser's processes, which other work on the machine does not lengthen as much
  readonly peak: MemoryPeak;
}

export interface MemoryPeak {
  readonly heap: number; // bytes of JavaScript heaps and array buffers, page and workers together
  readonly wasm: number; // bytes of WASM memories at the end: they never shrink while their worker lives
  readonly tab: number; // resident bytes of the tab's process
  readonly total: number; // resident bytes of all processes; what they share counts in each
}

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number; // of array buffers, WASM memories not among them
}

type Answer = Readonly<Record<string, unknown>>;

const heapBytes = ({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }: HeapUsage): number =>
  usedSize + embedderHeapUsedSize + backingStorageSize;

export class TabMemory {
  readonly #browser: Browser;
  readonly #session: CDPSession;
  readonly #workers = new Set<string>(); // their sessions
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

  /** Before the page makes its workers. */
  static async of(browser: Browser, page: Page): Promise<TabMemory> {
    const session = await page.context().newCDPSession(page);
    const memory = new TabMemory(browser, session);
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return memory;
  }

  /** The result of `job`, and the most that was held while it ran. */
  async during<T>(job: () => Promise<T>): Promise<WatchedJob<T>> {
    let [heap, tab, total] = [0, 0, 0];
    const [start, cpuStart] = [performance.now(), await this.#cpuSeconds()];
    const state = { isDone: false };
    const finished = job().finally(() => (state.isDone = true));
    finished.catch(() => undefined); // it is awaited below
    while (!state.isDone) {
      const [bytes, processes] = await Promise.all([this.#heap(), processMemory(this.#browser)]);
      heap = Math.max(heap, bytes);
      tab = Math.max(tab, processes.renderer);
      total = Math.max(total, processes.total);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
    const value = await finished;
    const seconds = (performance.now() - start) / 1000;
    const cpuSeconds = (await this.#cpuSeconds()) - cpuStart;
    return { value, seconds, cpuSeconds, peak: { heap, wasm: await this.#wasm(), tab, total } };
  }

  async #cpuSeconds(): Promise<number> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  }

  async #heap(): Promise<number> {
    const page = heapBytes(await this.#session.send('Runtime.getHeapUsage'));
    const workers = [...this.#workers].map(async (worker) => {
      const usage = await this.#ask(worker, 'Runtime.getHeapUsage');
      return usage === null ? 0 : heapBytes(usage as unknown as HeapUsage);
    });
    return (await Promise.all(workers)).reduce((sum, bytes) => sum + bytes, page);
  }

  async #wasm(): Promise<number> {
    let bytes = 0;
    for (const worker of this.#workers) bytes += await this.#wasmOf(worker);
    return bytes;
  }

  async #wasmOf(worker: string): Promise<number> {
    const prototype = await this.#ask(worker, 'Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
    const { objectId } = (prototype?.['result'] ?? {}) as { objectId?: string };
    const found = await this.#ask(worker, 'Runtime.queryObjects', { prototypeObjectId: objectId });
    const { objectId: memories } = (found?.['objects'] ?? {}) as { objectId?: string };
    const functionDeclaration = 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }';
    const sum = await this.#ask(worker, 'Runtime.callFunctionOn', {
      objectId: memories,
      functionDeclaration,
      returnByValue: true,
    });
    const { value } = (sum?.['result'] ?? {}) as { value?: unknown };
    return typeof value === 'number' ? value : 0;
  }

  /** null where the worker ended meanwhile, refused, or is too deep in a run of WASM to answer. */
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
