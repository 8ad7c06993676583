import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

/** A component whose code and words load together, when it is first drawn. */
export const lazyWorded = <P>(
  words: () => Promise<void>,
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> =>
  lazy(async () => {
    const [component] = await Promise.all([load(), words()]);
    return { default: component };
  });
