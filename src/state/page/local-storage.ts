/** The browser's storage of short texts; null where the visitor has switched it off. */
export function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
