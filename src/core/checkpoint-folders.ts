/** The one folder that a checkpoint may have: transformers keeps named chat templates in it, a file each. */
export const TEMPLATE_FOLDER = 'additional_chat_templates';

/** Of paths, those right in a folder, as names. */
export function namesBelow(paths: Iterable<string>, folder: string): string[] {
  const start = `${folder}/`;
  return [...paths].flatMap((path) => {
    const name = path.startsWith(start) ? path.slice(start.length) : '';
    return name === '' || name.includes('/') ? [] : [name];
  });
}
