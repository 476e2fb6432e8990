/** The job that bench/streamed.ts measures, both under Node and in a browser's worker. */
import { parseConfig } from '../../src/engine/checkpoint/config.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import { extractStreamed } from '../../src/engine/streamed/extract-streamed.ts';
import { layerFlops, type StreamedPlan } from '../../src/engine/streamed/plan.ts';
import { computedTokens, runBatches } from '../../src/engine/streamed/run-budget.ts';
import { lastStageOf } from '../../src/engine/streamed/stage-graph.ts';
import { StreamedCheckpoint } from '../../src/engine/streamed/streamed-checkpoint.ts';
import { BareGemm } from '../bare-gemm.ts';
import { OLMO_3_7B } from '../../tests/hub-server/olmo-shapes.ts';
import { madeUpCheckpoint } from './made-up-checkpoint.ts';

export interface StreamedJob {
  readonly prompts: number;
  readonly tokens: number; // tokens per prompt
  readonly layers: number; // layers to run
  readonly hasGemm: boolean; // whether to time bare products between the runs, which takes extra memory
}

export interface StreamedReport {
  readonly planned: StreamedPlan; // plan up to layer 15
  readonly bytesFetched: number; // bytes fetched by the layers that ran
  readonly layerMs: readonly number[]; // from the end of one layer to the end of the next
  readonly runMs: readonly number[]; // time per layer in ONNX Runtime
  readonly layerFlops: number;
  readonly runTokens: number; // tokens of the largest run
  readonly gemmGflops: number | null; // speed of the bare products between the runs
}

const STUDY_LAYER = 15;

/** Prompts of random tokens, with frequencies like those of a natural language. */
function madeUpPrompts({ prompts, tokens }: StreamedJob, vocabSize: number): number[][] {
  const spread = Math.log(vocabSize);
  const id = (n: number): number => Math.floor(Math.exp(((n * 0.618034) % 1) * spread));
  return Array.from({ length: prompts }, (_, row) => Array.from({ length: tokens }, (_, i) => id(row * tokens + i)));
}

/** Streams the first layers of a checkpoint of OLMo 3 7B's shape. */
export async function measureStreamed(runtime: Runtime, job: StreamedJob): Promise<StreamedReport> {
  const config = parseConfig(OLMO_3_7B);
  const checkpoint = await StreamedCheckpoint.open(madeUpCheckpoint(OLMO_3_7B));
  const prompts = madeUpPrompts(job, config.vocabSize);
  const planned = await checkpoint.plan(prompts, [STUDY_LAYER]);
  const layerMs: number[] = [];
  const runMs: number[] = [];
  const batches = runBatches(config, prompts);
  const runTokens = Math.max(...batches.map((batch) => computedTokens([batch])));
  const gemm = job.hasGemm ? await BareGemm.open(runtime, runTokens) : null;
  let bytesFetched = 0;
  let inGemm = 0;
  let layerStart = performance.now();
  let runStart = 0;
  let inRuns = 0;
  await extractStreamed(
    checkpoint,
    runtime,
    { prompts, layers: [job.layers - 1], pooling: 'last' },
    {
      beforeRun: async () => {
        const start = performance.now();
        await gemm?.round();
        runStart = performance.now();
        inGemm += runStart - start;
      },
      onProgress: (progress) => {
        const now = performance.now();
        inRuns += now - runStart;
        bytesFetched = progress.bytesFetched;
        if (progress.done < progress.total || progress.stage !== lastStageOf(progress.layer)) return;
        layerMs.push(now - layerStart - inGemm);
        runMs.push(inRuns);
        layerStart = now;
        inRuns = 0;
        inGemm = 0;
      },
    },
  );
  const gemmGflops = gemm === null ? null : gemm.gflops;
  await gemm?.dispose();
  return {
    planned,
    bytesFetched,
    layerMs,
    runMs,
    layerFlops: layerFlops(config, batches),
    runTokens,
    gemmGflops,
  };
}
