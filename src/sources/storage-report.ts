/** How much storage this site uses in the browser, and whether it will stay. */

export interface StorageReport {
  readonly usedBytes: number; // storage used by this site
  readonly quotaBytes: number; // storage limit of this site
  readonly persisted: boolean; // whether the browser has promised not to evict it
}

export async function storageReport(): Promise<StorageReport> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usedBytes: usage, quotaBytes: quota, persisted: await navigator.storage.persisted() };
}
