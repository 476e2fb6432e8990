/** `--hub`, `HF_ENDPOINT` and `HF_TOKEN`: which Hub is asked, and as whom. The variables are the ones of Hugging Face's tools. */
import type { HubOptions } from '../../src/sources/hub/hub-fetch.ts';
import { HUB_URL } from '../../src/sources/hub/hub-address.ts';
import type { WaitNotice } from '../../src/sources/hub/retries.ts';
import type { Options, OptionSpec } from '../command.ts';

export const hubOptions: Readonly<Record<'hub', OptionSpec>> = {
  hub: { type: 'string', value: 'URL', help: `the Hub or a mirror of it; else HF_ENDPOINT, else ${HUB_URL}` },
};

/** The Hub that the options and the environment name; HF_TOKEN is sent to it and to nobody else. */
export function hubOf(options: Options | null): HubOptions {
  const { HF_ENDPOINT: endpoint = '', HF_TOKEN: accessToken = '' } = process.env;
  const hubUrl = options?.has('hub') === true ? options.text('hub') : endpoint === '' ? HUB_URL : endpoint;
  return { fetch, hubUrl, accessToken, onWait: tellWait };
}

function tellWait(notice: WaitNotice): void {
  if (notice.kind === 'resumed') return;
  console.error(`lab: ${notice.reason}; trying again in ${Math.ceil(notice.afterMs / 1000)} s`);
}
