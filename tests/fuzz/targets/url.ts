/** The Steer page's link. Whatever it holds, it is read, and what cannot be read is said. */
import fc from 'fast-check';
import { DIRECTION_NAMES } from '../../../src/core/categories.ts';
import { LabError } from '../../../src/core/errors.ts';
import { RANGES } from '../../../src/state/steer/steer-params.ts';
import { readSteerQuery, writeSteerQuery } from '../../../src/state/steer/steer-url.ts';
import { oddName, oddNumber } from '../harness/spoilt-json.ts';
import { anyText } from '../harness/spoilt-text.ts';
import { Broken, defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const KEYS = [
  ...['prompt', 'template', 'checkpoint', 'model', 'provider', 'lambda', 'layer', 'positions', 'seed', 'temperature'],
  ...['top-k', 'top-p', 'repetition-penalty', 'length', 'pace', 'colour', 'without-push', 'run', 'moves', 'move'],
];
const lambda = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...DIRECTION_NAMES), oddName), oddNumber), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}:${value}`).join(','));
const value = fc.oneof(
  fc.constantFrom('chat', 'raw', 'auto', 'wasm', 'all', 'prompt', 'default', 'max', '0', '1', '', '1e3', '0x10', ' 5 '),
  fc.constantFrom('Instruct', 'stage1-step0', 'allenai.OLMo-2-0425-1B@main.q4-32', '..', '.', '%', '%ff', '%E0%A4%A'),
  fc.constantFrom('0~general:1.5', '12:general:0.5', '3,general:1;5,violence:-1'),
  oddNumber.map(String),
  fc.integer({ min: 0, max: 100 }).map(String),
  lambda,
  oddName,
);
const query = fc
  .array(fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KEYS) }, oddName), value), { maxLength: 12 })
  .map((pairs) => {
    const written = new URLSearchParams();
    for (const [key, text] of pairs) written.append(key, text);
    return written.toString();
  });

function checkQuery(text: string): void {
  try {
    const { params, problems } = readSteerQuery(text);
    for (const key of ['seed', 'temperature', 'topK', 'topP', 'repetitionPenalty', 'maxTokens'] as const) {
      hold(params[key] >= RANGES[key].min && params[key] <= RANGES[key].max, `${key} lies within its range`);
    }
    for (const [name, push] of Object.entries(params.lambdas)) {
      hold(
        DIRECTION_NAMES.some((known) => known === name),
        'what is pushed is a direction',
      );
      hold(push >= RANGES.lambda.min && push <= RANGES.lambda.max && push !== 0, 'λ lies within its range');
    }
    hold(
      problems.every(({ reason }) => reason !== ''),
      'a problem has its reason',
    );
    const written = writeSteerQuery(params);
    const again = readSteerQuery(written);
    hold(JSON.stringify(again.params) === JSON.stringify(params), 'a link that is written is read again');
    hold(again.problems.length === 0, 'a link that is written has no problems');
    hold(writeSteerQuery(again.params) === written, 'equal choices give equal links');
  } catch (error) {
    if (error instanceof LabError) throw new Broken(`reading a link never fails: ${error.message}`);
    throw error;
  }
}

export const URL_TARGETS: readonly FuzzTarget[] = [defineTarget('url', anyText(query), checkQuery)];
