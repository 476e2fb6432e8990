import { describe, expect, it } from 'vitest';
import { asLabError, fromWire, isWireError, LabError, toWire } from '../../../src/core/errors.ts';

describe('LabError', () => {
  it('keeps code, message, next step and cause', () => {
    const cause = new RangeError('offset');
    const error = new LabError('format', 'tensor "lm_head.weight" ends past the file', 'Download it again.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('LabError');
    expect(error.code).toBe('format');
    expect(error.nextStep).toBe('Download it again.');
    expect(error.cause).toBe(cause);
  });

  it('crosses a thread as plain data and comes back the same', () => {
    const error = new LabError('context-length', 'prompt has 600 tokens, model has 512', 'Shorten the prompt.');
    const wire = structuredClone(toWire(error));
    expect(wire).toEqual({
      code: 'context-length',
      message: 'prompt has 600 tokens, model has 512',
      nextStep: 'Shorten the prompt.',
    });
    const revived = fromWire(wire);
    expect(revived).toBeInstanceOf(LabError);
    expect(toWire(revived)).toEqual(wire);
  });

  it('turns anything else that was thrown into an internal error with its cause', () => {
    const cause = new TypeError('x is undefined');
    expect(asLabError(cause)).toMatchObject({ code: 'internal', message: 'x is undefined', cause });
    expect(toWire('out of memory')).toMatchObject({ code: 'internal', message: 'out of memory' });
    expect(toWire(new Error(''))).toMatchObject({ message: 'an error without a message' });
  });

  it.each([
    'Failed to fetch dynamically imported module: http://localhost/assets/StudyPages.js',
    'error loading dynamically imported module: http://localhost/assets/StudyPages.js',
    'Importing a module script failed.',
    'Unable to preload CSS for /assets/StudyPages.css',
    'Failed to fetch',
    'NetworkError when attempting to fetch resource.',
    'Load failed',
  ])('takes “%s” for what was not to be had, not for a bug', (message) => {
    const cause = new TypeError(message);
    expect(asLabError(cause)).toMatchObject({ code: 'fetch', message: expect.stringContaining('no network'), cause }); // eslint-disable-line @typescript-eslint/no-unsafe-assignment
  });

  it('does not invent codes', () => {
    const unknown = { code: 'from-the-future', message: 'm', nextStep: 'n' };
    expect(isWireError(unknown)).toBe(true);
    expect(fromWire(unknown as never).code).toBe('internal');
    expect(isWireError(new Error('m'))).toBe(false);
    expect(isWireError(null)).toBe(false);
  });
});
