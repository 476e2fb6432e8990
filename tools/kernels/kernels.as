// The inner loops of src/core in 128-bit SIMD, as AssemblyScript: what the lab calls. `tools/kernels/build.sh` makes
// src/core/kernels-wasm.ts of these files. All pointers are multiples of 16; the caller owns the memory, and pads as each function says.
// Sums run in float64 unless a function says otherwise.
export { addCoarseCurvature, addCoarseRows, addCurvature, addRows, centreRows, coarseProducts, rowProducts, rowSquares } from "./products";
export { addCoarseLogistic, addLogistic } from "./logistic";
export { doubledWins, placements, sort } from "./ranks";
export { coarseGram, gram } from "./gram";
export { factor, substitute } from "./cholesky";
export { fillCoarseColumns, fillColumns } from "./columns";
export { resampledWins, select } from "./resamples";
