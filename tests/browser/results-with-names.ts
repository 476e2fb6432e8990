/** Made-up results whose names are not to be trusted. */
import { madeUpPlan, madeUpResults } from '../support/made-up-results.ts';

export const MARKUP = '<img src=x onerror="document.title=1">';

/** A name of every kind is markup. */
export function resultsWithMarkup(): string {
  const names = [madeUpPlan.name, 'held out', 'violence', 'stage1-step10'];
  return names.reduce(
    (text, name) => text.replaceAll(JSON.stringify(name), JSON.stringify(`${MARKUP} ${name}`)),
    JSON.stringify(madeUpResults()),
  );
}

/** Names are as long, and as little to be trusted, as a file can make them. */
export function resultsWithWildNames(): string {
  const wild = `\u202Edelrevver \n${'👨‍👩‍👧'.repeat(6)}${'x'.repeat(90)}`; // no longer than names may be
  const names = [madeUpPlan.name, 'held out', 'violence', 'stage1-step10'];
  return names.reduce(
    (text, name) => text.replaceAll(JSON.stringify(name), JSON.stringify(`${name} ${wild}`)),
    JSON.stringify(madeUpResults()),
  );
}
