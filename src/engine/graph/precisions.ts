/** The precisions that a model can be stored and run in: for each product with a weight, how that weight is encoded. */

/** How one product's weight is stored and multiplied; see linear.ts. `q8-64` has blocks of 64 whatever the layout says. */
export type ProductEncoding = 'float32' | 'float16' | 'q8' | 'q8-64' | 'q4' | 'int8' | 'int8-fine';

/** The products of a decoder that have a weight: attention's projections, the MLP's, and the head. */
export type Product = 'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down' | 'head';

export const PRECISIONS = ['float32', 'float16', 'q8', 'q4-mixed', 'q4', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

interface PrecisionPlan {
  readonly most: ProductEncoding;
  readonly except?: Readonly<Partial<Record<Product, ProductEncoding>>>;
}

/**
 * `q4-mixed` keeps in 8 bits the three products whose rounding to 4 bits costs most of q4's error on a real model: of the thirteen sets that
 * were tried there, the one with the least error within 1.3 times q4's bytes. `int8` gives the activations of `down` 16 bits: a gated
 * MLP has single activations that are a hundred times larger than the rest of their row. docs/benchmarks.md has what each costs.
 */
const PLANS: Readonly<Record<Precision, PrecisionPlan>> = {
  float32: { most: 'float32' },
  float16: { most: 'float16' },
  q8: { most: 'q8' },
  'q4-mixed': { most: 'q4', except: { v: 'q8-64', up: 'q8-64', down: 'q8-64' } },
  q4: { most: 'q4' },
  int8: { most: 'int8', except: { down: 'int8-fine' } },
};

export function encodingOf(precision: Precision, product: Product): ProductEncoding {
  const { most, except = {} } = PLANS[precision];
  return except[product] ?? most;
}

/** Whether weights of the precision share scales in blocks, whose size can be chosen. */
export function hasBlocks(precision: Precision): boolean {
  return PLANS[precision].most === 'q4' || PLANS[precision].most === 'q8';
}
