/** Names of what the lab is shipped with: no path leads out of its folder by one of them. */

/** A file of `public/prompts`. */
export const isPromptFile = (file: string): boolean => /^[\w-]{1,100}\.jsonl$/.test(file);

/** A folder of `public/ladders`. */
export const isLadderId = (id: string): boolean => /^[\w-][\w.-]{0,99}$/.test(id);
