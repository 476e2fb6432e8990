import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GLOSSARY } from '../../../src/components/glossary.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

it.each(['docs/architecture.md', 'CONTRIBUTING.md', 'README.md'])('%s names files that exist', (path) => {
  const named = [...read(path).matchAll(/`((?:src|workers|cli|tests|bench|docs|tools|public)\/[\w./-]*)`/g)].map(([, name = '']) => name); // prettier-ignore
  expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

it('CONTRIBUTING.md has the terms of the pages', () => {
  const rows = read('CONTRIBUTING.md');
  const missing = Object.entries(GLOSSARY).filter(([term, sentence]) => !new RegExp(`\\| ${term} +\\| ${escape(sentence)}`).test(rows)); // prettier-ignore
  expect(missing.map(([term]) => term)).toEqual([]);
});

it('the table of contents of the decisions has every entry', () => {
  const folder = 'docs/decisions';
  const contents = read(`${folder}/README.md`);
  const files = readdirSync(join(ROOT, folder)).filter((name) => name !== 'README.md');
  const entries = files.flatMap((file) => [...read(`${folder}/${file}`).matchAll(/^## (.*)$/gm)].map(([, title = '']) => title)); // prettier-ignore
  expect(entries.length).toBeGreaterThan(50);
  expect(entries.filter((title) => !contents.includes(`[${title}]`))).toEqual([]);
});

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
