/** The seven harm categories of the study, by their BeaverTails keys. */
export const HARM_CATEGORIES = [
  'discrimination',
  'drug_abuse',
  'financial_crime',
  'hate_speech',
  'non_violent',
  'privacy_violation',
  'violence',
] as const;

export type HarmCategory = (typeof HARM_CATEGORIES)[number];

/** A direction is named after the harm it separates from safe; `general` takes all categories together. */
export const DIRECTION_NAMES = ['general', ...HARM_CATEGORIES] as const;

export type DirectionName = (typeof DIRECTION_NAMES)[number];

/** What a direction is called where people read. */
export const DIRECTION_LABELS: Readonly<Record<DirectionName, string>> = {
  general: 'General',
  discrimination: 'Discrimination',
  drug_abuse: 'Drug abuse',
  financial_crime: 'Financial crime',
  hate_speech: 'Hate speech',
  non_violent: 'Unethical behavior',
  privacy_violation: 'Privacy violation',
  violence: 'Violence',
};

/** What a direction is called where people read; a category of somebody's own by the name that it has. */
export const directionLabel = (name: string): string =>
  Object.hasOwn(DIRECTION_LABELS, name) ? DIRECTION_LABELS[name as DirectionName] : name;
