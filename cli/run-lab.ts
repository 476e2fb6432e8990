/** The command line's verbs, and the conversion of an error to one line and an exit code. */
import { LabError } from '../src/core/errors.ts';
import { shown, shownMessage } from '../src/core/text/quote.ts';
import { guardLongWork } from '../src/engine/tokens/long-work.ts';
import { helpOf, parseOptions, UsageError, type Verb } from './command.ts';
import { limitLongWork } from './limit-long-work.ts';
import { convert } from './verbs/convert.ts';
import { direction } from './verbs/direction.ts';
import { exportVerb } from './verbs/export.ts';
import { extract } from './verbs/extract.ts';
import { findings } from './verbs/findings.ts';
import { generateText } from './verbs/generate.ts';
import { geometry } from './verbs/geometry.ts';
import { ladderList } from './verbs/ladder-list.ts';
import { ladderPick } from './verbs/ladder-pick.ts';
import { logits } from './verbs/logits.ts';
import { probe } from './verbs/probe.ts';
import { promptsFetch } from './verbs/prompts-fetch.ts';
import { promptsImport } from './verbs/prompts-import.ts';
import { promptsList } from './verbs/prompts-list.ts';
import { residuals } from './verbs/residuals.ts';
import { study } from './verbs/study.ts';
import { studyMerge } from './verbs/study-merge.ts';

const VERBS: readonly Verb[] = [
  ...[residuals, extract, logits, direction, generateText, convert, exportVerb],
  ...[study, studyMerge, probe, geometry, findings],
  ...[ladderList, ladderPick, promptsList, promptsFetch, promptsImport],
];

const HELP = [
  'lab <verb> [options]: activations, directions and steering of OLMo models on the command line',
  '',
  ...VERBS.map(({ name, summary }) => `  ${name.padEnd(15)}${summary}`),
  '',
  'A checkpoint is a folder in the Hugging Face format (OLMo 1, 2 or 3), a ZIP of one, a folder or pack written by lab convert,',
  'tiny-olmo3@<revision>, or hub:<owner>/<name>@<revision>. Set HF_ENDPOINT to use another Hub, HF_TOKEN to send an access token.',
  'lab <verb> --help lists the options of a verb. Exit codes: 0 success, 1 failure, 2 bad arguments.',
].join('\n');

async function dispatch([first, ...rest]: readonly string[]): Promise<void> {
  const pair = `${first ?? ''} ${rest[0] ?? ''}`.trim(); // `ladder list`
  const isSecond = VERBS.some(({ name }) => name === first) && VERBS.every(({ name }) => name !== pair); // `study --plan …`
  const isPair = !isSecond && VERBS.some(({ name }) => name.startsWith(`${first ?? ''} `));
  const [name, args] = isPair ? [pair, rest.slice(1)] : [first, rest];
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(HELP);
    if (name === undefined) throw new UsageError('no verb given');
    return;
  }
  const verb = VERBS.find((known) => known.name === name);
  if (verb === undefined) {
    throw new UsageError(`unknown verb "${shown(name)}"; the verbs are ${VERBS.map((known) => known.name).join(', ')}`);
  }
  if (args.includes('--help')) {
    console.log(helpOf(verb));
    return;
  }
  await verb.run(parseOptions(verb, args));
}

/** Prints one line to standard error and returns the exit code: 2 for bad arguments, 1 for any other failure. */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`lab: ${error.message} (lab --help)`);
    return 2;
  }
  const text = error instanceof LabError ? `${error.message} ${error.nextStep}` : shownMessage(String(error), 600);
  console.error(`lab: ${text.replaceAll(/\s*\n\s*/g, ' ')}`);
  return error instanceof LabError && error.code === 'bad-request' ? 2 : 1;
}

/**
 * Runs one command line.
 * @returns the exit code: 0 success, 1 failure, 2 bad arguments
 */
export async function runLab(args: readonly string[]): Promise<number> {
  guardLongWork(limitLongWork());
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    return report(error);
  }
}
