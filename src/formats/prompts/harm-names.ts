/** Columns that name the harm of each prompt, and say of harmless ones that there is none. */
import type { Label } from './prompt-set.ts';
import { plainLabel, readLabelWord } from './label-values.ts';

/** What such columns call a prompt without harm. By itself none of these says a class: it may as well be a missing label. */
const HARMLESS = new Set(['none', 'nothing', 'neither', 'normal', 'neutral', 'clean']);

const HARMS = new Set(['harm', 'violence', 'violent', 'weapon', 'weapons', 'drug', 'drugs', 'hate', 'hatespeech', 'harassment', 'harassing', 'bullying', 'cyberbullying', 'abuse', 'suicide', 'suicidal', 'selfharm', 'sexual', 'sexually', 'porn', 'pornography', 'csam', 'terrorism', 'terrorist', 'extremism', 'extremist', 'fraud', 'scam', 'scams', 'phishing', 'malware', 'hacking', 'cybercrime', 'cyberattack', 'intrusion', 'crime', 'crimes', 'criminal', 'illegal', 'unlawful', 'misinformation', 'disinformation', 'privacy', 'theft', 'robbery', 'murder', 'killing', 'bomb', 'bombs', 'explosives', 'poison', 'poisoning', 'discrimination', 'stereotype', 'stereotypes', 'racism', 'racist', 'sexism', 'sexist', 'insult', 'insults', 'obscene', 'threat', 'threats', 'threatening', 'profanity', 'unethical', 'exploitation', 'trafficking', 'gore', 'deception', 'defamation', 'incitement', 'torture', 'stalking', 'doxxing', 'doxing', 'blackmail', 'extortion']); // prettier-ignore
/** Words beside these that leave a harm a harm; beside any other word (“prevention”) a name may be that of no harm. */
const BESIDE = new Set(['and', 'or', 'of', 'in', 'to', 'the', 'other', 'speech', 'language', 'content', 'behavior', 'behaviour', 'self', 'child', 'animal', 'minor', 'minors', 'adult', 'explicit', 'graphic', 'severe', 'identity', 'financial', 'economic', 'property', 'organized', 'organised', 'chemical', 'biological', 'nuclear', 'banned', 'substance', 'substances', 'activity', 'activities', 'violation', 'violations', 'offensive', 'aiding', 'abetting', 'injustice', 'physical', 'mental', 'material', 'planning', 'based']); // prettier-ignore

/** Whether a category is called “none” or the like. */
export const isNoHarm = (value: string): boolean => HARMLESS.has(plainLabel(value));

function namesHarm(value: string): boolean {
  const word = readLabelWord(value);
  if (word.kind === 'class') return word.label === 'harmful';
  const words = plainLabel(value).split(/[^\p{L}]+/u).filter((part) => part !== ''); // prettier-ignore
  return words.some((part) => HARMS.has(part)) && words.every((part) => HARMS.has(part) || BESIDE.has(part));
}

/**
 * The classes of a column's values where all of them name a harm, but for one that says that there is none. Null where any other
 * value is among them, so that “none” may be a label that is missing.
 */
export function classesOfHarms(values: readonly string[]): ReadonlyMap<string, Label> | null {
  const said = values.filter((value) => readLabelWord(value).kind !== 'none');
  const harms = said.filter((value) => !isNoHarm(value));
  if (harms.length === 0 || harms.length === said.length || !harms.every(namesHarm)) return null;
  return new Map(said.map((value) => [value, isNoHarm(value) ? 'safe' : 'harmful']));
}
