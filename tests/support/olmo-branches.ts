/** Branches named as AI2 names them, at the spacing that their repositories have. */

const steps = (from: number, to: number, every: number, last: number): number[] => {
  const regular = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
  return [...regular, last];
};

/** Tokens as in the branch names: those of a step of so many tokens, in whole billions, rounded up. */
const withTokens = (stage: string, tokensPerStep: number, all: readonly number[]): string[] =>
  all.map((step) => `${stage}-step${step}-tokens${Math.ceil((step * tokensPerStep) / 1e9)}B`);

/** `main` alone for repositories of finished models. */
export function olmoBranches(repo: string): string[] {
  switch (repo) {
    case 'allenai/Olmo-3-1025-7B':
      return [
        'main',
        ...steps(0, 1_413_000, 1000, 1_413_814).map((step) => `stage1-step${step}`),
        ...steps(1000, 47_000, 1000, 47_684).map((step) => `stage2-step${step}`),
        'stage2-step47684-mix-round1-from-2T-ckpt',
        ...steps(1000, 11_000, 1000, 11_921).map((step) => `stage3-step${step}`),
      ];
    case 'allenai/OLMo-2-0425-1B-early-training':
      return ['main', ...withTokens('stage1', 2_097_152, steps(0, 35_000, 1000, 36_000))];
    case 'allenai/OLMo-2-0425-1B':
      return [
        'main',
        ...withTokens('stage1', 2_097_152, steps(10_000, 1_900_000, 10_000, 1_907_359)),
        ...withTokens('stage2-ingredient3', 2_097_152, steps(1000, 23_000, 1000, 23_852)),
      ];
    case 'allenai/OLMo-2-1124-7B':
      return [
        'main',
        ...withTokens('stage1', 4_194_304, [150, 600, 700, 850, 900, ...steps(1000, 928_000, 1000, 928_646)]),
        ...withTokens('stage2-ingredient1', 4_194_304, steps(1000, 11_000, 1000, 11_931)),
      ];
    default:
      return ['main'];
  }
}
