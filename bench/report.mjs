// Figures, goals and floors, printed one way. A goal is a ratio against a peer of the same run: absolute times are those of the machine.

/** Middle of the values; the mean of the two middle ones when their number is even. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4);
const plain = (value) => value.toLocaleString('en-US', { maximumFractionDigits: digits(value) });
/** `median (least-greatest)` of one column of rounds. */
export const spread = (values, unit = '') =>
  `${plain(median(values))}${unit} (${plain(Math.min(...values))}-${plain(Math.max(...values))})`;

/** One verdict line. `higher`: more is better. Never an exit status: speed is looked at, not asserted. */
export function verdict({ figure, ratios, goal, floor, higher = true }) {
  const value = median(ratios);
  const reaches = (limit) => (higher ? value >= limit : value <= limit);
  const word = reaches(goal) ? 'goal reached' : reaches(floor) ? 'above the floor' : 'BELOW THE FLOOR';
  const sign = higher ? '>=' : '<=';
  return `  ${figure}: ${spread(ratios, 'x')}   goal ${sign} ${goal}x, floor ${sign} ${floor}x   ${word}`;
}

/** CPU time of a process and all its descendants in ms, from /proc; null where there is none. */
export async function cpuOfTree(rootPid) {
  const { readdirSync, readFileSync } = await import('node:fs');
  const { platform } = await import('node:process');
  if (platform !== 'linux') return null;
  const stats = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // utime and stime in ticks of 10 ms; the parent's id is the second field after the name.
      stats.set(Number(name), { parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * 10 });
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const belongs = (pid) => pid === rootPid || (stats.has(pid) && belongs(stats.get(pid).parent));
  let sum = 0;
  for (const [pid, { ms }] of stats) if (belongs(pid)) sum += ms;
  return sum;
}
