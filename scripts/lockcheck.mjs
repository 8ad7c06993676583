// Checks that package-lock.json is complete for every platform and carries no download address.
// npm can write a lock without some optional native packages (they appear in the registry later); `npm ci` then refuses it.
import { readFileSync } from 'node:fs';

const packages = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8')).packages;
const problems = [];

/** True if `name` is found from the package at `from` the way Node looks it up: its own folder, then each parent's. */
function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (!folder) return false;
  }
}

for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!isLocked(path, name)) problems.push(`missing: ${name}, wanted by ${path || 'the root'}`);
  }
  if (entry.resolved) problems.push(`download address: ${path}`);
  if (entry.hasInstallScript && !entry.optional) problems.push(`install script: ${path}`);
  if (entry.extraneous) problems.push(`extraneous: ${path}`);
}

for (const problem of problems) console.error(`lock: ${problem}`);
console.log(`lock: ${Object.keys(packages).length} entries, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
