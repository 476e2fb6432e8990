/** `resid_post.N`: what layer N (from 0) hands on, before any later norm. The one name of a residual site, everywhere. */
export type ResidualSite = `resid_post.${number}`;

export function residPost(layer: number): ResidualSite {
  return `resid_post.${layer}`;
}
