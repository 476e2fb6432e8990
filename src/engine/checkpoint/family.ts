export type Family = 'olmo' | 'olmo2' | 'olmo3';
