import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { foreignText } from '../../formats/bytes/foreign-file.ts';
import { decodeUtf8, parseJsonObject, type JsonObject } from '../../formats/bytes/json.ts';

/** A checkpoint as Hugging Face lays it out, wherever it lives: built in, on the Hub, in a folder. */
export interface CheckpointFiles {
  readonly label: string; // names the checkpoint to a reader: `tiny-olmo3@Instruct`, a folder
  /** The file of that name, or null where the checkpoint has none. */
  open(file: string): Promise<ByteSource | null>;
  /** The names of the files in one of its folders, in any order; none where there is no such folder. Absent: it has no folders. */
  list?(folder: string): Promise<readonly string[]>;
  /** The lower-case hex SHA-256 that the source knows of a file, where it knows one. */
  sha256Of?(file: string): string | null;
}

/** The names of the files in a folder of a checkpoint, sorted. */
export async function folderNames(files: CheckpointFiles, folder: string): Promise<readonly string[]> {
  return [...((await files.list?.(folder)) ?? [])].sort();
}

const MAX_TEXT_BYTES = 256e6; // ten times the largest tokenizer.json

/** The file as text, or null where there is none. Throws `format` where it is another file's pointer or a web page. */
export async function readText(files: CheckpointFiles, file: string): Promise<string | null> {
  const source = await files.open(file);
  if (source === null) return null;
  const name = `${file} of ${shown(files.label)}`;
  if (source.byteLength > MAX_TEXT_BYTES) {
    const problem = `${name} has ${source.byteLength} bytes; the lab reads up to ${MAX_TEXT_BYTES}.`;
    throw new LabError('format', problem, 'Download the checkpoint again.');
  }
  const text = decodeUtf8(name, await source.slice(0, source.byteLength));
  const foreign = foreignText(text);
  if (foreign === null) return text;
  throw new LabError('format', `${name} is ${foreign.what}.`, foreign.nextStep);
}

/** The file's JSON object, or null where there is none. */
export async function readJson(files: CheckpointFiles, file: string): Promise<JsonObject | null> {
  const text = await readText(files, file);
  return text === null ? null : parseJsonObject(`${file} of ${shown(files.label)}`, text);
}

/** The file's JSON object. Throws `not-found` where there is none. */
export async function requireJson(files: CheckpointFiles, file: string): Promise<JsonObject> {
  const json = await readJson(files, file);
  if (json === null) {
    const nextStep =
      'Point the lab at a folder in the Hugging Face format, with config.json, tokenizer.json and *.safetensors.';
    throw new LabError('not-found', `${shown(files.label)} has no ${file}.`, nextStep);
  }
  return json;
}
