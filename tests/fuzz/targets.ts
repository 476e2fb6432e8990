/** Every reader of bytes that others made. */
import type { FuzzTarget } from './harness/target.ts';
import { ARCHIVE_TARGETS } from './targets/archives.ts';
import { TEMPLATE_TARGETS } from './targets/chat-template.ts';
import { CHECKPOINT_TARGETS } from './targets/checkpoint.ts';
import { HUB_TARGETS } from './targets/hub.ts';
import { LADDER_TARGETS } from './targets/ladders.ts';
import { PROMPT_TARGETS } from './targets/prompts.ts';
import { SAFETENSORS_TARGETS } from './targets/safetensors.ts';
import { STUDY_TARGETS } from './targets/study.ts';
import { TABLE_TARGETS } from './targets/tables.ts';
import { TOKENIZER_TARGETS } from './targets/tokenizer.ts';
import { URL_TARGETS } from './targets/url.ts';

export const TARGETS: readonly FuzzTarget[] = [
  ...SAFETENSORS_TARGETS,
  ...CHECKPOINT_TARGETS,
  ...TOKENIZER_TARGETS,
  ...TEMPLATE_TARGETS,
  ...ARCHIVE_TARGETS,
  ...TABLE_TARGETS,
  ...PROMPT_TARGETS,
  ...STUDY_TARGETS,
  ...LADDER_TARGETS,
  ...HUB_TARGETS,
  ...URL_TARGETS,
];
