/** Seeds of the tests' random choices. They are fixed, so that no test fails by chance; `HARMSCOPE_SEED` overrides them. */
const given = process.env['HARMSCOPE_SEED'] ?? '';
const override = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
if (!Number.isSafeInteger(override) || override < 0 || override >= 2 ** 31) {
  throw new Error(`HARMSCOPE_SEED is “${given.slice(0, 100)}”. Set it to “random” or a whole number below 2147483648.`);
}

/** The test's own seed, unless `HARMSCOPE_SEED` is “random” or a number. */
export function testSeed(own: number): number {
  return given === '' ? own : override;
}

/** What a failing test prints, so that its choices can be repeated. */
export function repeatWith(seed: number): string {
  return `repeat with HARMSCOPE_SEED=${seed}`;
}
