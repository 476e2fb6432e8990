/** BeaverTails' 14 kinds of harm (Ji et al. 2023, arXiv:2307.04657), seven of which are the lab's categories. */
import type { HarmCategory } from './categories.ts';

export const BEAVERTAILS_CATEGORIES: ReadonlyMap<string, HarmCategory> = new Map([
  ['discrimination,stereotype,injustice', 'discrimination'],
  ['drug_abuse,weapons,banned_substance', 'drug_abuse'],
  ['financial_crime,property_crime,theft', 'financial_crime'],
  ['hate_speech,offensive_language', 'hate_speech'],
  ['non_violent_unethical_behavior', 'non_violent'],
  ['privacy_violation', 'privacy_violation'],
  ['violence,aiding_and_abetting,incitement', 'violence'],
]);

const OTHER_KEYS = [
  'animal_abuse',
  'child_abuse',
  'controversial_topics,politics',
  'misinformation_regarding_ethics,laws_and_safety',
  'self_harm',
  'sexually_explicit,adult_content',
  'terrorism,organized_crime',
] as const;

const KEYS: ReadonlySet<string> = new Set([...BEAVERTAILS_CATEGORIES.keys(), ...OTHER_KEYS]);

/** Whether every name is one of the 14 keys, and there are several. */
export function areBeaverTailsKeys(names: Iterable<string>): boolean {
  const seen = new Set(names);
  return seen.size > 1 && [...seen].every((name) => KEYS.has(name));
}
