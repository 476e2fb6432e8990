import type { Verb } from '../command.ts';
import { readResults } from '../study/study-files.ts';
import { shownMessage } from '../../src/core/text/quote.ts';
import { rangeName } from '../../src/core/statistics/quantiles.ts';
import { VERDICT_LABELS, type FindingNumber } from '../../src/findings/finding.ts';
import { findingsOf, limitsOf } from '../../src/findings/findings.ts';

export const findings: Verb = {
  name: 'findings',
  summary: 'list which claims of the original study a run supports, with its numbers, as Markdown',
  options: {
    results: {
      type: 'string',
      value: 'DIR|FILE',
      help: 'output folder of lab study, or results exported from the page',
      required: true,
    },
    json: { type: 'boolean', help: 'print JSON instead of Markdown' },
  },
  async run(options) {
    const results = await readResults(options.text('results'));
    const found = findingsOf(results);
    if (options.flag('json')) {
      console.log(JSON.stringify({ findings: found, limits: limitsOf(results) }, null, 2));
      return;
    }
    for (const { claim, verdict, because, numbers } of found) {
      print(`### ${claim}\n\n**${VERDICT_LABELS[verdict]}.** ${because}\n`);
      if (numbers.length > 0) print(`${numbers.map(lineOf).join('\n')}\n`);
    }
    print(`### Limits\n\n${limitsOf(results).map((limit) => `- ${limit}`).join('\n')}`); // prettier-ignore
  },
};

/** Names come from a file, which may contain control characters that move a terminal's cursor. */
const print = (text: string): void => console.log(shownMessage(text, Infinity));

const DECIMALS = 3;

/** One number as a list item. A range without a name is a 95 % interval. */
function lineOf({ what, value, interval, repeats = 1 }: FindingNumber): string {
  const name = repeats > 1 ? `, ${rangeName(repeats)}` : '';
  const range =
    interval === null ? '' : ` [${interval.low.toFixed(DECIMALS)}, ${interval.high.toFixed(DECIMALS)}${name}]`;
  return `- ${what}: ${value.toFixed(DECIMALS)}${range}`;
}
