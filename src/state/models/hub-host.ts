const HUB_HOST = 'huggingface.co';

/** Who is asked, for a reader. */
export function hostOf(hubUrl: string | null): string {
  if (hubUrl === null) return HUB_HOST;
  return URL.canParse(hubUrl) ? new URL(hubUrl).host : hubUrl;
}
