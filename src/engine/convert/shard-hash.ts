/** The SHA-256 of a checkpoint's file, made while its bytes pass by, with a state that outlives a restart. */
import { createSHA256, type IHasher } from 'hash-wasm';

/** How far the hash of a file has come, as plain data. */
export interface HashState {
  readonly position: number; // bytes that it has seen
  readonly state: string; // hash-wasm's, hex
}

export class ShardHash {
  readonly #hasher: IHasher;
  #position: number;

  private constructor(hasher: IHasher, position: number) {
    this.#hasher = hasher;
    this.#position = position;
  }

  /** From the beginning, or from where `saved` stopped. */
  static async open(saved: HashState | null): Promise<ShardHash> {
    const hasher = await createSHA256();
    if (saved === null) return new ShardHash(hasher.init(), 0);
    return new ShardHash(
      hasher.load(Uint8Array.from(saved.state.match(/../g) ?? [], (hex) => parseInt(hex, 16))),
      saved.position,
    );
  }

  get position(): number {
    return this.#position;
  }

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
    this.#position += bytes.byteLength;
  }

  save(): HashState {
    const state = Array.from(this.#hasher.save(), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return { position: this.#position, state };
  }

  /** Lower-case hex. Nothing may follow. */
  digest(): string {
    return this.#hasher.digest('hex');
  }
}
