/** The precisions that a model can be stored and run in: for each product with a weight, how that weight is encoded. */

/** How one product's weight is stored and multiplied; see linear.ts. */
export type ProductEncoding = 'float32' | 'float16' | 'q8' | 'q4' | 'int8' | 'int8-fine';

/** The products of a decoder that have a weight: attention's projections, the MLP's, and the head. */
export type Product = 'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down' | 'head';

export const PRECISIONS = ['float32', 'float16', 'q8', 'q4-mixed', 'q4', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

interface PrecisionPlan {
  readonly most: ProductEncoding;
  readonly except?: Readonly<Partial<Record<Product, ProductEncoding>>>;
}

/**
 * `q4-mixed` keeps in 8 bits what writes to the residual stream (`v` through `o`, and `down`): rounding these to 4 bits makes most of
 * q4's error, and they are a quarter to a third of the weights. `int8` gives the activations of `down` 16 bits: a gated MLP has
 * single activations that are a hundred times larger than the rest of their row. docs/benchmarks.md has what each precision costs.
 */
const PLANS: Readonly<Record<Precision, PrecisionPlan>> = {
  float32: { most: 'float32' },
  float16: { most: 'float16' },
  q8: { most: 'q8' },
  'q4-mixed': { most: 'q4', except: { v: 'q8', o: 'q8', down: 'q8' } },
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
