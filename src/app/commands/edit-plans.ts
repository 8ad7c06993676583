import type * as connecting from '../../core/topology/edit/connect.ts';
import type * as pasting from '../../core/topology/edit/paste.ts';

type Plans = Pick<typeof connecting, 'connect'> & Pick<typeof pasting, 'paste'>;
let plans: Plans | null = null;

/** Loads what drawing a link and pasting need, right after the first picture. */
export async function prefetchPlans(): Promise<Plans> {
  const [{ connect }, { paste }] = await Promise.all([
    import('../../core/topology/edit/connect.ts'),
    import('../../core/topology/edit/paste.ts'),
  ]);
  plans = { connect, paste };
  return plans;
}

/** Acts with the plans: at once when they are loaded, as soon as they are otherwise. */
export function withPlans(act: (loaded: Plans) => void): void {
  if (plans === null) void prefetchPlans().then(act);
  else act(plans);
}
