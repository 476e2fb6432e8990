/** `--hub`, `HF_ENDPOINT` and `HF_TOKEN`: which Hub to use, and as whom. Hugging Face's own tools use the same variables. */
import type { HubOptions } from '../../src/sources/hub/hub-fetch.ts';
import { HUB_URL } from '../../src/sources/hub/hub-address.ts';
import type { WaitNotice } from '../../src/sources/hub/retries.ts';
import type { Options, OptionSpec } from '../command.ts';

export const hubOptions: Readonly<Record<'hub', OptionSpec>> = {
  hub: { type: 'string', value: 'URL', help: `address of the Hub or a mirror (default: HF_ENDPOINT, or ${HUB_URL})` },
};

/** The Hub that the options and the environment name. HF_TOKEN is sent to no other host. */
export function hubOf(options: Options | null): HubOptions {
  const { HF_ENDPOINT: endpoint = '', HF_TOKEN: accessToken = '' } = process.env;
  const hubUrl = options?.has('hub') === true ? options.text('hub') : endpoint === '' ? HUB_URL : endpoint;
  return { fetch, hubUrl, accessToken, onWait: reportWait };
}

function reportWait(notice: WaitNotice): void {
  if (notice.kind === 'resumed') return;
  console.error(`lab: ${notice.reason}; retrying in ${Math.ceil(notice.afterMs / 1000)} s`);
}
