/** A direction as a file: safetensors with one F32 tensor `direction` [hidden]. */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { readFloat32, readSafetensorsHeader, writeSafetensors } from '../bytes/safetensors.ts';

export interface DirectionFile {
  readonly direction: Float32Array; // [hidden]
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads and checks a direction file. Throws `format` errors that name the file and what is wrong with it. */
export async function readDirectionFile(source: ByteSource): Promise<DirectionFile> {
  const { tensors, metadata } = await readSafetensorsHeader(source);
  const entry = tensors.get('direction');
  if (entry === undefined) {
    const found = [...tensors.keys()].slice(0, 5).join(', ') || 'nothing';
    throw new LabError(
      'format',
      `${source.name} has no tensor "direction"; it holds ${found}.`,
      'Save one with `lab direction` or from the Steer page.',
    );
  }
  if (entry.shape.length !== 1 || entry.shape[0] === 0 || entry.dtype !== 'F32') {
    throw new LabError(
      'format',
      `${source.name}: "direction" is ${entry.dtype} [${entry.shape.join(', ')}]; it must be F32 [hidden].`,
      'Save it as one float32 vector.',
    );
  }
  const direction = await readFloat32(source, entry);
  const bad = direction.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new LabError(
      'format',
      `${source.name}: "direction" holds ${direction[bad]} at position ${bad}.`,
      'Compute the direction again; one bad activation is enough to spoil a mean.',
    );
  }
  return { direction, metadata };
}

/** The bytes of a direction file. */
export function writeDirectionFile(
  direction: Float32Array,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  return writeSafetensors({ direction: { shape: [direction.length], data: direction } }, metadata);
}
