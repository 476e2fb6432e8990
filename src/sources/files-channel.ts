/**
 * A checkpoint's files across a message port. A thread that runs WASM receives network data only between two runs. If another thread
 * reads the source, the next layer's bytes arrive while this layer runs.
 */
import { fromWire, LabError, toWire, type WireError } from '../core/errors.ts';
import type { CheckpointFiles } from '../engine/checkpoint/checkpoint-files.ts';
import type { ByteSource } from '../formats/bytes/byte-source.ts';

interface OpenRequest {
  readonly id: number;
  readonly file: string;
}

interface SliceRequest extends OpenRequest {
  readonly start: number;
  readonly end: number;
}

interface ListRequest {
  readonly id: number;
  readonly folder: string;
}

type FilesRequest = OpenRequest | SliceRequest | ListRequest;

/** A file's name and length. */
type OpenedFile = Pick<ByteSource, 'name' | 'byteLength'>;

type FilesReply =
  { readonly id: number; readonly value: FilesAnswer } | { readonly id: number; readonly error: WireError };

/** Answers requests on `port` from `files` until the port is closed. */
export function serveFiles(files: CheckpointFiles, port: MessagePort): void {
  const sources = new Map<string, Promise<ByteSource | null>>();
  const open = (file: string): Promise<ByteSource | null> => {
    const opening = sources.get(file) ?? files.open(file);
    sources.set(file, opening);
    opening.catch(() => sources.delete(file)); // so that a retry can succeed
    return opening;
  };
  const answer = async (request: FilesRequest): Promise<FilesAnswer> => {
    if ('folder' in request) return (await files.list?.(request.folder)) ?? [];
    const source = await open(request.file);
    if (source === null) return null;
    if ('start' in request) return source.slice(request.start, request.end);
    return { name: source.name, byteLength: source.byteLength };
  };
  port.onmessage = ({ data }: MessageEvent<FilesRequest>) => {
    const { id } = data;
    answer(data).then(
      (value) => {
        const isWhole = value instanceof Uint8Array && value.byteLength === value.buffer.byteLength;
        const reply: FilesReply = { id, value };
        port.postMessage(reply, isWhole ? [value.buffer as ArrayBuffer] : []); // transferred, not copied
      },
      (error: unknown) => {
        const reply: FilesReply = { id, error: toWire(error) };
        port.postMessage(reply);
      },
    );
  };
}

/**
 * The files served at the other end of `port`. Errors arrive as they were thrown there. When `signal` fires, pending requests reject
 * with its reason if that is a `LabError`, otherwise with `interrupted`, even if the other end is gone.
 */
export function channelFiles(label: string, port: MessagePort, signal?: AbortSignal): CheckpointFiles {
  const waiting = new Map<number, { resolve: (value: FilesAnswer) => void; reject: (error: Error) => void }>();
  let next = 0;
  port.onmessage = ({ data }: MessageEvent<FilesReply>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) asked?.reject(fromWire(data.error));
    else asked?.resolve(data.value);
  };
  const ask = (
    request: Omit<SliceRequest, 'id'> | Omit<OpenRequest, 'id'> | Omit<ListRequest, 'id'>,
  ): Promise<FilesAnswer> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal, label));
        return;
      }
      const id = next++;
      waiting.set(id, { resolve, reject });
      port.postMessage({ ...request, id });
    });
  signal?.addEventListener('abort', () => {
    for (const { reject } of waiting.values()) reject(reasonOf(signal, label));
    waiting.clear();
  });
  return {
    label,
    list: async (folder) => (await ask({ folder })) as readonly string[],
    open: async (file) => {
      const opened = (await ask({ file })) as OpenedFile | null;
      if (opened === null) return null;
      return { ...opened, slice: async (start, end) => (await ask({ file, start, end })) as Uint8Array };
    },
  };
}

function reasonOf({ reason }: AbortSignal, label: string): LabError {
  if (reason instanceof LabError) return reason;
  return new LabError('interrupted', `Reading ${label} was stopped.`, 'Start it again.');
}

type FilesAnswer = OpenedFile | Uint8Array | readonly string[] | null;
