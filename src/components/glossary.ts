/** One sentence for each term that the pages use without explaining it. The same sentences stand in CONTRIBUTING.md. */
export const GLOSSARY = {
  activation: 'The vector of numbers that a model holds for one token at one layer.',
  AUROC:
    'How well a score separates two classes: the chance that a random harmful prompt scores higher than a random safe one. 0.5 is guessing, 1 is perfect.',
  'bootstrap interval':
    'The range that holds 95 % of the values when the prompts are drawn again and again with replacement.',
  certainty:
    'The estimated cosine between a direction and the one that unlimited prompts would give, from the agreement of two halves of the prompts. From 0.99 up, more prompts change little.',
  checkpoint: 'A model as it was saved at one step of its training.',
  control: 'The same measurement where there should be nothing to find, for example with shuffled labels.',
  cosine: 'How alike two directions are: 1 is the same direction, 0 unrelated, −1 opposite.',
  deviation: 'How far a class’s centroid lies from the line through the safe centroid along the general direction.',
  direction:
    'A vector from the mean activation of safe prompts to that of harmful ones, at one layer of one checkpoint.',
  DPO: 'Direct preference optimization: training on pairs of a better and a worse answer, after SFT.',
  'KL divergence': 'How far one distribution over next tokens is from another; 0 means that they are the same.',
  ladder: 'Checkpoints of one training run, in order, from initialization to the final model.',
  layer: 'One of the blocks that a model applies in turn; layers are counted from 0.',
  lambda:
    'How strongly an answer is steered, as a multiple of the gap between the two class means. Positive values push towards harmful, negative ones away from it.',
  'out-of-distribution': 'Prompts of another kind than those that a probe was fitted on.',
  perplexity: 'How surprised a model is by a text: low for fluent text, high for broken text.',
  pooling: 'How the activations of a prompt’s tokens become one vector: the last token, their mean or their maximum.',
  probe: 'A linear classifier that reads a class from activations.',
  projection: 'The length of an activation along a direction: where the token stands between safe and harmful.',
  'residual stream': 'The vector that each layer reads and adds to; resid_post is its value after a layer.',
  selectivity: 'A probe’s score minus its score on random labels: what it reads rather than memorizes.',
  SFT: 'Supervised fine-tuning: training on conversations, after pretraining.',
  steering: 'Adding a direction to the activations while the model writes, which changes what it writes.',
  'surface baseline':
    'A classifier that sees only the text (its words or its length), to show what needs no model at all.',
  'TPR at 1 % FPR':
    'The share of harmful prompts that are recognized when only 1 % of safe prompts are wrongly flagged.',
  'unit of work': 'One prompt set on one checkpoint; a study saves its progress after each.',
} as const;

export type GlossaryTerm = keyof typeof GLOSSARY;
