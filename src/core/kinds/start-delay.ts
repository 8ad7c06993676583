/** How long infrastructure (database, broker, registry) takes from `start` to `instance.ready`, in µs; far below the boot time. */
export const START_DELAY_US = 1000;
