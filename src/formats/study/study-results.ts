/**
 * What a study found, as plain data: rows that charts and tables draw from, and nothing that only its maker could read. What was not
 * measured is absent, never zero; within a list of numbers it is NaN, in a file null.
 */
import type { Stage } from '../ladders/ladder.ts';
import type { StudyPlan } from './study-plan.ts';

export const RESULTS_FORMAT = 'harmscope-study';
export const RESULTS_VERSION = 1;

/** The direction of all categories together; the others are named after their category. */
export const GENERAL = 'general';

export interface StudyResults {
  readonly format: typeof RESULTS_FORMAT;
  readonly version: typeof RESULTS_VERSION;
  readonly plan: StudyPlan;
  readonly points: readonly LadderPoint[]; // every checkpoint of the plan, in the order of training
  readonly sets: readonly SetSummary[];
  readonly names: readonly string[]; // of the directions: `general`, then the categories of the training sets
  readonly layer: LayerChoice | null; // null: not chosen yet
  readonly surface: readonly SurfaceRow[];
  readonly checkpoints: readonly CheckpointResult[]; // those that are done, in the order of training
  readonly ladder: LadderResult | null; // over the checkpoints that are done; null below two
  readonly failures: readonly { readonly point: number; readonly message: string; readonly nextStep: string }[]; // checkpoints that are left out
  readonly leftOut?: readonly LeftOut[]; // of what is not of one checkpoint; absent: nothing
  readonly shared?: readonly SharedPrompts[]; // absent: none, or written before this was looked for
}

/** trained-on: prompts of a test whose text is trained on as well. repeated: prompts whose text was read before, for the same purpose. */
export const SHARINGS = ['trained-on', 'repeated'] as const;

/** Prompts that make numbers look better, or surer, than they are. */
export interface SharedPrompts {
  readonly kind: (typeof SHARINGS)[number];
  readonly test: string | null; // null: of training
  readonly sets: readonly string[]; // that hold them, the training sets among them where they are trained on
  readonly prompts: number;
  readonly of: number; // prompts that are read for it
  readonly otherLabel: number; // of `prompts`: they have another label there
}

/** Part of the results that could not be worked out. */
export interface LeftOut {
  readonly what: string; // in words: “the LDA probe”
  readonly direction: string | null; // null: not of one direction
  readonly test: string | null; // null: not of one test
  readonly reason: string;
}

export interface LadderPoint {
  readonly label: string; // for a reader, and unique: a revision
  readonly stage: Stage | null;
  readonly step: number | null; // within its stage
  readonly tokens: number | null; // seen from the beginning of training until then
}

export interface SetSummary {
  readonly name: string;
  readonly digest: string; // SHA-256 of its texts
  readonly counts: readonly { readonly label: string; readonly category: string; readonly prompts: number }[];
  readonly tooLong: number; // prompts left out of all this: they have more tokens than the checkpoints have room for
}

interface LayerChoice {
  readonly layer: number;
  readonly layers: number; // that the model has
  readonly hidden: number; // dimensions
  readonly scores: readonly number[] | null; // AUROC by layer that the choice was made by; null: the plan gave the layer
  readonly point?: number; // the checkpoint that they are of, index into `points`; absent: the last one
}

/** projection: a·d/‖d‖ (the study's). lda: mass-mean with covariance. logistic: L2 logistic regression. */
export const PROBES = ['projection', 'lda', 'logistic'] as const;
export type ProbeKind = (typeof PROBES)[number];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface ProbeRow {
  readonly probe: ProbeKind;
  readonly direction: string;
  readonly test: string;
  readonly auroc: number;
  readonly interval: Interval; // 95 %, stratified bootstrap
  readonly tprAt1Fpr: number; // rate of hits where at most 1 % of the negatives are above
  readonly accuracy: number; // at the threshold of the training set
  readonly positives: number;
  readonly negatives: number;
}

/**
 * random-labels: directions of shuffled training labels, on shuffled test labels. random-direction: Gaussian directions on the true
 * labels. truth: a direction of true and false statements, on others of them. concept-on-truth: the general direction on true and
 * false statements.
 */
export const CONTROLS = ['random-labels', 'random-direction', 'truth', 'concept-on-truth'] as const;
export type ControlKind = (typeof CONTROLS)[number];

export interface ControlRow {
  readonly control: ControlKind;
  readonly test: string; // the set of statements, for the controls on truth
  readonly auroc: number; // mean of the repeats
  readonly spread: Interval; // 2.5 and 97.5 % of the repeats, or the bootstrap's where there is one alone
  readonly repeats: number;
}

/** Logistic regression on the text alone. words: bag of words. shape: length and punctuation. */
export const SURFACES = ['words', 'shape'] as const;
export type SurfaceKind = (typeof SURFACES)[number];

export interface SurfaceRow {
  readonly surface: SurfaceKind;
  readonly direction: string;
  readonly test: string;
  readonly auroc: number;
  readonly interval: Interval;
}

export interface CheckpointResult {
  readonly point: number; // index into `points`
  readonly commit: string; // of its files
  readonly probes: readonly ProbeRow[];
  readonly controls: readonly ControlRow[];
  readonly sweep: readonly SweepRow[]; // projection's AUROC at every layer; empty without a sweep
  readonly classes: readonly ClassGeometry[]; // of the training sets: `negative`, then by direction's name
  readonly directions: readonly DirectionGeometry[]; // in the order of `names`
  readonly cosines: readonly (readonly number[])[]; // [names][names]; NaN where a direction points nowhere
  readonly leftOut?: readonly LeftOut[]; // parts of all this that could not be worked out; absent: none
}

export interface SweepRow {
  readonly direction: string;
  readonly test: string;
  readonly auroc: readonly number[]; // by layer; NaN where the direction points nowhere
}

export const NEGATIVE = 'negative'; // the class without the concept

export interface ClassGeometry {
  readonly name: string;
  readonly count: number;
  readonly centroidNorm: number;
  readonly variance: number; // mean squared distance to the centroid
  readonly meanDistance: number; // mean distance to the centroid
  readonly score: number; // (μ − μ_negative)·d/‖d‖ on the general direction: the harm score
  readonly deviation: number; // length of what is left of μ − μ_negative
}

export interface DirectionGeometry {
  readonly name: string;
  readonly norm: number;
}

/** What takes several checkpoints. Rows and columns follow `checkpoints`. */
export interface LadderResult {
  readonly directions: readonly LadderDirection[]; // in the order of `names`
  readonly drift: readonly { readonly name: string; readonly distances: readonly number[] }[]; // ‖μ(c) − μ(before)‖ by class
  readonly pca: PcaResult | null; // of all centroids at all checkpoints; null where none differ
  readonly angles: readonly SubspaceAngles[]; // between neighbours
  readonly jumps: readonly StageJump[];
}

export interface LadderDirection {
  readonly name: string;
  readonly cosines: readonly (readonly number[])[]; // [checkpoints][checkpoints]; NaN where a direction points nowhere
  readonly transfer: readonly TransferMatrix[]; // by test
}

export interface TransferMatrix {
  readonly test: string;
  readonly auroc: readonly (readonly number[])[]; // [direction's checkpoint][activations' checkpoint]; NaN where not measured
}

export interface PcaResult {
  readonly explained: readonly number[]; // share of the variance by component
  readonly tracks: readonly { readonly name: string; readonly coordinates: readonly (readonly number[])[] }[]; // class → [checkpoints][components]
}

/** Between the spans of the categories' directions at a checkpoint and the one before. */
export interface SubspaceAngles {
  readonly from: number; // index into `checkpoints`
  readonly to: number;
  readonly degrees: readonly number[]; // ascending
}

/** Between the last checkpoints of two stages. */
export interface StageJump {
  readonly from: number; // index into `checkpoints`
  readonly to: number;
  readonly direction: string;
  readonly test: string;
  readonly difference: number; // of AUROC
  readonly p: number; // permutation test, two-sided
  readonly cosine: number; // of the direction before and after
}

/** The details of one AUROC, asked for on demand where the activations are. */
export interface ProbeDetail {
  readonly point: number; // index into `points`
  readonly probe: ProbeKind;
  readonly direction: string;
  readonly test: string;
  readonly threshold: number; // of the training set
  readonly roc: { readonly fpr: readonly number[]; readonly tpr: readonly number[] };
  readonly histogram: {
    readonly edges: readonly number[]; // one more than bins
    readonly positive: readonly number[]; // prompts a bin
    readonly negative: readonly number[];
  };
  readonly highest: readonly ScoredPrompt[]; // descending
  readonly lowest: readonly ScoredPrompt[]; // ascending
}

export interface ScoredPrompt {
  readonly text: string;
  readonly label: string;
  readonly category: string;
  readonly score: number; // in the units of the residual stream for the projection, else of the probe
}
