/**
 * Style sheets of pages that could not be loaded. Vite's loader asks for each only once: a page whose code is asked for again, and is
 * there now, would come without its styles.
 */
const failed = new Set<string>();

/** Notes every style sheet that fails from now on. */
export function noteFailedStyles(page: Document): void {
  const note = ({ target }: Event): void => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return;
    failed.add(target.href);
    target.remove();
  };
  page.addEventListener('error', note, true); // such events do not bubble
}

/** Loads those that failed. Rejects where one fails again. */
export async function loadFailedStyles(page: Document): Promise<void> {
  await Promise.all([...failed].map((address) => loadStyle(page, address)));
}

function loadStyle(page: Document, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = page.createElement('link');
    link.rel = 'stylesheet';
    link.crossOrigin = ''; // as Vite's own
    link.href = address;
    link.addEventListener('load', () => {
      failed.delete(address);
      resolve();
    });
    link.addEventListener('error', () => reject(new Error(`Unable to preload CSS for ${address}`)));
    page.head.append(link);
  });
}
