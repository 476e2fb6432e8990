/** What was asked of the server, and how many bytes of each file it sent: benches report these. */

export interface LoggedRequest {
  readonly origin: 'hub' | 'cdn';
  readonly method: string;
  readonly path: string; // decoded, without the query
  readonly range: string | null;
  readonly authorization: string | null;
}

export interface FileTraffic {
  requests: number; // that sent bytes of it
  bytes: number; // of bodies, as handed to the sockets
}

export class Traffic {
  readonly requests: LoggedRequest[] = [];
  readonly #files = new Map<string, FileTraffic>();

  /** Of a file, by `<repo>/<path>`. */
  of(file: string): Readonly<FileTraffic> {
    return this.#files.get(file) ?? { requests: 0, bytes: 0 };
  }

  /** Bytes of all files' bodies. */
  get bytes(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  log(request: LoggedRequest): void {
    this.requests.push(request);
  }

  /** Starts counting an answer that sends part of a file; call the result with the size of each chunk. */
  begin(file: string): (bytes: number) => void {
    const entry = this.#files.get(file) ?? { requests: 0, bytes: 0 };
    this.#files.set(file, entry);
    entry.requests++;
    return (bytes) => {
      entry.bytes += bytes;
    };
  }

  clear(): void {
    this.requests.length = 0;
    this.#files.clear();
  }
}
