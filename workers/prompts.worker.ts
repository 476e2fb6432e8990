/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { fileSource } from '../src/sources/blob-source.ts';
import { builtInPromptFiles, fetchPromptSet, fetchRecipes } from '../src/sources/built-in.ts';
import { openPublishedFiles } from '../src/sources/hub/prompt-sets.ts';
import { openOwnPromptSets } from '../src/sources/own-prompt-sets.ts';
import { PromptLibrary } from '../src/labs/prompts/prompt-library.ts';
import { builtIn, hubOptions } from './site.ts';

serve(
  new PromptLibrary({
    own: openOwnPromptSets(),
    builtInFiles: () => builtInPromptFiles(builtIn),
    builtInSet: (file) => fetchPromptSet(builtIn, file),
    recipes: () => fetchRecipes(builtIn),
    openPublished: (recipe, control) => openPublishedFiles(recipe, hubOptions(control)),
    fileSource: (file) => fileSource(file),
  }),
);
