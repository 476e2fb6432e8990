import type { Progress } from '../../labs/steer/steer-messages.ts';

/** 1,234,567 bytes → “1.2 MB”, in powers of ten as disks and networks count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** 4.01e12 → “4.0T”, as checkpoints' names count tokens and parameters. */
export function formatCount(count: number): string {
  const scale = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const found = scale.find(([size]) => count >= size);
  return found === undefined ? String(count) : `${(count / found[0]).toFixed(1)}${found[1]}`;
}

/** Tokens a second: 5.7 of a large model, 1,570 of the built-in one. */
export function formatSpeed(tokensPerSecond: number): string {
  return tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : Math.round(tokensPerSecond).toLocaleString('en');
}

/** A number with its sign, minus included as the character of that name. */
export function formatSigned(value: number, digits = 2): string {
  const size = Math.abs(value).toFixed(digits);
  if (Number(size) === 0) return size;
  return value < 0 ? `−${size}` : `+${size}`;
}

export function formatNumber(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

const VERBS = {
  download: 'Loading',
  check: 'Checking',
  compile: 'Preparing',
  extract: 'Computing directions of',
} as const;

/** “Loading model.safetensors: 1.2 of 2.4 MB” */
export function progressText({ phase, done, total, unit, label }: Progress): string {
  const amount =
    unit === 'bytes'
      ? `${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`
      : `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`;
  return `${VERBS[phase]}${label === '' ? '' : ` ${label}`}: ${amount}`;
}

/** 0 to 1, or null while the total is unknown. */
export function progressShare(progress: Progress | null): number | null {
  return progress === null || progress.total === 0 ? null : progress.done / progress.total;
}

/** 95 → “1 min 35 s”, in the two units that matter. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 3600) return `${Math.round(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

/** “today” or a date, in the visitor's time zone. */
export function formatDay(time: number, now: number): string {
  const day = DAY.format(time);
  return day === DAY.format(now) ? 'today' : day;
}
