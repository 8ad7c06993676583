import type { ConfigOf, Endpoint, Route, Step } from '../../core/topology/schema/types.ts';

const answer = (body: Extract<Step, { do: 'respond' }>['body'], status = 200): Step => ({
  id: 'answer',
  do: 'respond',
  status,
  body,
});

/** What the gateway asks every instance; nobody is ejected by failures, and there is no panic: checks alone decide. */
export const CHECKED: Pick<ConfigOf<'gateway'>, 'healthChecks' | 'outlierDetection'> = {
  healthChecks: { path: '/well', intervalMs: 100, timeoutMs: 2000, unhealthyThreshold: 2, healthyThreshold: 2 },
  outlierDetection: {
    consecutive5xx: 1_000_000,
    intervalMs: 60_000,
    baseEjectionMs: 60_000,
    maxEjectionMs: 60_000,
    maxEjectionPercent: 100,
    panicPercent: 0,
  },
};

/** A way past the maker: to the depot itself. */
export const DIRECT_ROUTE: Route = {
  id: 'direct',
  match: 'prefix',
  path: '/direct',
  action: { kind: 'forward', to: 'depot', stripPrefix: true },
};

/** The maker is always well, and tells the depot how to be. */
export const MAKER_HEALTH: Endpoint[] = [
  { id: 'well', method: 'GET', path: '/well', steps: [answer({ well: true })] },
  {
    id: 'tell-mood',
    method: 'POST',
    path: '/api/mood/{mood}',
    steps: [
      {
        id: 'call',
        do: 'call',
        to: 'depot',
        endpoint: 'mood',
        input: { params: { mood: '${request.params.mood}' } },
        timeoutMs: 2000,
        as: 'reply',
      },
      answer('${reply.body}'),
    ],
  },
];

/** The depot is well unless its row says otherwise. */
export const DEPOT_HEALTH: Endpoint[] = [
  {
    id: 'well',
    method: 'GET',
    path: '/well',
    steps: [
      { id: 'find', do: 'find', table: 'moods', where: { mood: 'ill' }, limit: 1, as: 'ills' },
      { id: 'say', do: 'choose', when: [{ if: 'size(ills) > 0', steps: [answer({ well: false }, 503)] }] },
      { ...answer({ well: true }), id: 'fine' },
    ],
  },
  {
    id: 'mood',
    method: 'PUT',
    path: '/mood/{mood}',
    steps: [
      { id: 'forget', do: 'delete', table: 'moods', where: { id: 'now' }, as: 'gone' },
      { id: 'keep', do: 'insert', table: 'moods', value: { id: 'now', mood: '${request.params.mood}' }, as: 'kept' },
      answer({ mood: '${kept.mood}' }),
    ],
  },
];
