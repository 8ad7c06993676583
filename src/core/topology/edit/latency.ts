import { diffDocuments } from './diff.ts';
import { sortedEntries } from '../sorted.ts';
import type { Document, Latency, Link, LinkKind, TopologyDiff } from '../schema/types.ts';

export type LatencyPreset = 'visible' | 'data-centre';

/**
 * Latency of a fresh link. Visible (decision 7): 25 ms (at least 5), database 4 ms (at least 1), so that a hop takes 250 ms of
 * screen time at 0.1x. Data centre: 0.5 ms (at least 0.2), database 0.3 ms (at least 0.1): of the order of one data centre, modelled, not measured.
 */
const PRESETS: Readonly<Record<LatencyPreset, { link: Latency; store: Latency }>> = {
  visible: {
    link: { distribution: { kind: 'lognormal', medianMs: 25, sigma: 0.25 }, minUs: 5_000 },
    store: { distribution: { kind: 'lognormal', medianMs: 4, sigma: 0.25 }, minUs: 1_000 },
  },
  'data-centre': {
    link: { distribution: { kind: 'lognormal', medianMs: 0.5, sigma: 0.25 }, minUs: 200 },
    store: { distribution: { kind: 'lognormal', medianMs: 0.3, sigma: 0.25 }, minUs: 100 },
  },
};

/** Latency that a link of this kind gets when it is drawn. */
export const defaultLatency = (kind: LinkKind, preset: LatencyPreset = 'visible'): Latency =>
  kind === 'owns' ? PRESETS[preset].store : PRESETS[preset].link;

/** All links with the latencies of a preset, as one edit. */
export function withLatencyPreset(
  document: Document,
  preset: LatencyPreset,
): { document: Document; diff: TopologyDiff } {
  const links = Object.fromEntries(
    sortedEntries(document.links).map(([id, link]): [string, Link] => [
      id,
      { ...link, config: { ...link.config, latency: defaultLatency(link.kind, preset) } },
    ]),
  );
  const next = { ...document, links: Object.assign(Object.create(null) as Document['links'], links) };
  return { document: next, diff: diffDocuments(document, next) };
}

/** The preset that all links have, or null when they are mixed or edited by hand. */
export function latencyPresetOf(document: Document): LatencyPreset | null {
  const fits = (preset: LatencyPreset): boolean =>
    Object.values(document.links).every(
      (link) =>
        JSON.stringify(sorted(link.config.latency)) === JSON.stringify(sorted(defaultLatency(link.kind, preset))),
    );
  if (fits('visible')) return 'visible';
  return fits('data-centre') ? 'data-centre' : null;
}
const sorted = (latency: Latency): unknown => [
  latency.minUs,
  sortedEntries(latency.distribution as Record<string, unknown>),
];
