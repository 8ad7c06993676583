/** Users of a closed load that one client plays at most. */
export const MAX_USERS = 10_000;
