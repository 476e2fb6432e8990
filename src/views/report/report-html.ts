/** A report as one HTML file that needs nothing beside it and runs nothing. */
import type { Figure } from '../../charts/figure.ts';
import { exact, withInterval } from '../../charts/numbers.ts';
import { figureSvg, svgAddress } from '../../charts/pictures.ts';
import { escapeHtml } from '../../charts/tooltip.ts';
import { VERDICT_LABELS, type Finding } from '../../findings/finding.ts';
import type { Fact } from './report-facts.ts';

export interface Report {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly findings: readonly Finding[];
  readonly figures: readonly Figure[];
  readonly limits: readonly string[];
  readonly width: number; // of the figures, CSS pixels
}

const STYLE = `
  body { max-width: 760px; margin: 32px auto; padding: 0 16px; font: 15px/1.5 system-ui, sans-serif; color: #1b1d20; background: #fff; }
  h1 { font-size: 26px; } h2 { margin-top: 36px; font-size: 19px; } h3 { margin: 0; font-size: 15px; }
  table { border-collapse: collapse; width: 100%; font-size: 13px; }
  th, td { padding: 4px 8px; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
  figure { margin: 26px 0; break-inside: avoid; } img { max-width: 100%; height: auto; } figcaption { color: #5a6067; font-size: 13px; }
  .finding { margin: 14px 0; break-inside: avoid; } .verdict { font-weight: 600; }
`;

/** Every text that came from outside is escaped; figures are pictures, in which nothing can run. */
export function reportHtml({ title, facts, findings, figures, limits, width }: Report): string {
  const name = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${name}</h1>
<p>Made with Harmscope.</p>
<h2>Method</h2>
<table>${facts.map(([what, value]) => `<tr><th scope="row">${escapeHtml(what)}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>
<h2>Findings</h2>
${findings.map(findingHtml).join('\n')}
<h2>Figures</h2>
${figures.map((figure) => figureHtml(figure, width)).join('\n')}
<h2>Limits</h2>
<ul>${limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join('')}</ul>
</body>
</html>
`;
}

function findingHtml({ claim, verdict, because, numbers, origin }: Finding): string {
  const rows = numbers.map(
    ({ what, value, interval, repeats }) =>
      `<tr><td>${escapeHtml(what)}</td><td>${withInterval(value, interval, repeats)}</td></tr>`,
  );
  const asked = origin === 'lab' ? ' <small>(a question of this lab’s own)</small>' : '';
  return `<div class="finding"><h3>${escapeHtml(claim)}${asked}</h3>
<p><span class="verdict">${VERDICT_LABELS[verdict]}.</span> ${escapeHtml(because)}</p>${rows.length === 0 ? '' : `<table>${rows.join('')}</table>`}</div>`;
}

function figureHtml(figure: Figure, width: number): string {
  const { title, note, option } = figure;
  const picture =
    option === null
      ? tableHtml(figure)
      : `<img alt="${escapeHtml(`${title}. ${note}`)}" width="${width}" height="${figure.height}" src="${svgAddress(figureSvg(figure, width))}">`;
  return `<figure><h3>${escapeHtml(title)}</h3>${picture}<figcaption>${escapeHtml(note)}</figcaption></figure>`;
}

function tableHtml({ table }: Figure): string {
  const cell = (value: string | number | null): string =>
    value === null ? '' : typeof value === 'number' ? exact(value) : escapeHtml(value);
  const head = table.columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const rows = table.rows.map(({ cells }) => `<tr>${cells.map((value) => `<td>${cell(value)}</td>`).join('')}</tr>`);
  return `<table><tr>${head}</tr>${rows.join('')}</table>`;
}
