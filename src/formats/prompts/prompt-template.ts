export const PROMPT_TEMPLATES = ['raw', 'chat'] as const;

/** How a prompt reaches the model: as raw text, or through the checkpoint's chat template. */
export type PromptTemplate = (typeof PROMPT_TEMPLATES)[number];
