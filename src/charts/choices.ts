/** What a figure over training can be asked for, and how those choices are called. */
import type { ControlKind, ProbeKind, SurfaceKind } from '../formats/study/study-results.ts';

export type { ControlKind, ProbeKind, SurfaceKind };
export type Metric = 'auroc' | 'tpr' | 'accuracy';

export const PROBE_LABELS: Readonly<Record<ProbeKind, string>> = {
  projection: 'Projection onto the direction',
  lda: 'Linear discriminant (LDA)',
  logistic: 'Logistic regression (L2)',
};

export const METRIC_LABELS: Readonly<Record<Metric, string>> = {
  auroc: 'AUROC',
  tpr: 'TPR at 1 % FPR',
  accuracy: 'Accuracy at the training threshold',
};

export const CONTROL_LABELS: Readonly<Record<ControlKind, string>> = {
  'random-labels': 'Random labels',
  'random-direction': 'Random direction',
  truth: 'Truth direction, true vs false statements',
  'concept-on-truth': 'Concept direction, true vs false statements',
};

export const SURFACE_LABELS: Readonly<Record<SurfaceKind, string>> = {
  words: 'Bag of words (no model)',
  shape: 'Length and punctuation (no model)',
};
