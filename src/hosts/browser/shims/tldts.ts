/**
 * Stands in for the package `tldts` in the page's bundle: msw's cookie jar asks it for the registrable domain, and the
 * public suffix list behind the real one costs more than 100 kB gzipped. The playground only ever sees the hosts of its
 * own drawing, so the last two labels answer the question. Returns null for a host without a dot.
 */
export function getDomain(host: string): string | null {
  const labels = host.split('.').filter((label) => label !== '');
  return labels.length < 2 ? null : labels.slice(-2).join('.');
}
