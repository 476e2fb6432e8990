import { describe, expect, test } from 'vitest';
import { colourOf } from '../../../src/charts/chart-style.ts';
import { csvCell, tableCsv } from '../../../src/charts/csv.ts';
import { figureSvg } from '../../../src/charts/pictures.ts';
import { scoresOverTraining } from '../../../src/charts/figures/score-figures.ts';
import { tooltipHtml } from '../../../src/charts/tooltip.ts';
import { trainingAxis } from '../../../src/charts/training-axis.ts';
import type { LadderPoint } from '../../../src/formats/study/study-results.ts';
import { madeUpResults } from '../../support/made-up-results.ts';
import { STYLE } from '../../support/chart-style.ts';

const { points } = madeUpResults();

describe('the training axis', () => {
  test('adds up the steps of the stages that are over', () => {
    const { places } = trainingAxis(points, { axis: 'steps', scale: 'linear' }, STYLE);
    expect(places.slice(0, 3)).toEqual([0, 10, 20]);
    expect(places.slice(-5)).toEqual([1260, 1305, 2905, 2945, 2970]);
  });

  test('counts tokens as the checkpoints do', () => {
    const { places, name } = trainingAxis(points, { axis: 'tokens', scale: 'linear' }, STYLE);
    expect(places).toEqual(points.map(({ tokens }) => tokens));
    expect(name).toBe('tokens seen');
  });

  test('sets zero apart on a log scale, and says so', () => {
    const { places, name } = trainingAxis(points, { axis: 'tokens', scale: 'log' }, STYLE);
    expect(places[1]).toBeCloseTo(Math.log10(20_480), 12);
    expect(places[0]).toBeLessThan(places[1] as number);
    expect(name).toBe('tokens seen (log scale; 0 set apart)');
  });

  test('leaves out what has no step, and the figure says how many', () => {
    const unknown: LadderPoint[] = points.map((point, index) =>
      index === 5 ? { ...point, step: null, tokens: null } : point,
    );
    expect(trainingAxis(unknown, { axis: 'steps', scale: 'log' }, STYLE).places[5]).toBeNull();
    const results = { ...madeUpResults(), points: unknown };
    const figure = scoresOverTraining(
      results,
      {
        direction: 'general',
        test: 'held out',
        probe: 'lda',
        metric: 'auroc',
        axis: 'steps',
        scale: 'log',
        controls: false,
        surface: false,
      },
      STYLE,
    );
    expect(figure.note).toContain('1 checkpoint has no value on this axis');
  });

  test('stages that begin close together are named in rows', () => {
    const { marks } = trainingAxis(points, { axis: 'tokens', scale: 'linear' }, { ...STYLE, width: 330 });
    const late = marks.filter(({ label }) => ['SFT', 'DPO', 'Instruct'].includes(label));
    expect(new Set(late.map(({ row }) => row)).size).toBe(3);
  });
});

describe('a table as CSV', () => {
  test('quotes what needs it and keeps every digit', () => {
    const table = {
      columns: ['a "b"', 'c'],
      rows: [
        { cells: ['x,y', 0.1 + 0.2], target: null },
        { cells: ['line\nline', null], target: null },
      ],
    };
    expect(tableCsv(table)).toBe('"a ""b""",c\r\n"x,y",0.30000000000000004\r\n"line\nline",\r\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('a text like %j is no formula', (text) => {
    expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/);
  });

  test('a number may be negative', () => {
    expect(csvCell(-0.5)).toBe('-0.5');
  });
});

test('what a file says is text in a tooltip', () => {
  const html = tooltipHtml([
    {
      data: { value: [0, 1], head: '<img src=x onerror=alert(1)>', text: '1', target: null },
      seriesName: '<b>',
      color: '"><i>',
    },
    { data: { value: [0, null], head: 'gone', text: 'not measured', target: null }, seriesName: 'absent' },
  ]);
  expect(html).not.toMatch(/<(img|b|i)[ >]/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(html).not.toContain('absent');
});

test('a category has its colour, a name of the user’s own one of the eight', () => {
  expect(colourOf('violence', ['general', 'violence'], STYLE)).toBe('rgb(180, 80, 140)');
  expect(colourOf('negative', [], STYLE)).toBe('rgb(130, 130, 130)');
  const own = ['one', 'two'].map((name) => colourOf(name, ['one', 'two'], STYLE));
  expect(new Set(own).size).toBe(2);
});

test('a picture holds the title, the stages and no markup of a file', () => {
  const results = madeUpResults([3]);
  const named = {
    ...results,
    plan: {
      ...results.plan,
      tests: results.plan.tests.map((entry) => ({
        ...entry,
        name: entry.name === 'questions' ? '<script>x</script>' : entry.name,
      })),
    },
  };
  const figure = scoresOverTraining(
    named,
    {
      direction: 'general',
      test: 'held out',
      probe: 'projection',
      metric: 'auroc',
      axis: 'order',
      scale: 'log',
      controls: true,
      surface: true,
    },
    { ...STYLE, titled: true, still: true },
  );
  const svg = figureSvg(figure, 720);
  expect(svg).toContain('AUROC over training: General');
  expect(svg).toContain('>SFT<');
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('"Segoe UI"'); // a quote would end the attribute, and the picture
});
