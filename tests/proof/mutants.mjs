// Does the simulation see defects? Each mutant is the real source with one mistake; it has to be found within the seeds. Run by `npm run proof`.
// `--seeds`: by the seeds of a simulation alone, without the checks of single machines and the planned deaths, for the mutants that whole runs have to show.
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { MUTANTS } from './planted.mjs';

const OUT = 'node_modules/.cache/proof';

const BY_SEEDS = process.argv.includes('--seeds');
/** In which system it is hunted; undefined = not by seeds alone. */
const systemOf = ({ by, seeds }) => (BY_SEEDS ? (by ?? seeds) : (by ?? 'saga'));

/** Where the mutant is found first, or null. */
async function firstFound(mutant, index, last) {
  const file = resolve(mutant.file);
  let found = 0;
  const name = `mutant-${index}`;
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        load(id) {
          if (id.split('?')[0] !== file) return null;
          const source = readFileSync(file, 'utf8');
          found = source.split(mutant.from).length - 1;
          return source.replace(mutant.from, mutant.to);
        },
      },
    ],
    build: {
      ssr: 'tests/proof/hunt.entry.mjs',
      outDir: OUT,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { format: 'es', entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  if (found !== 1)
    throw new Error(`Failed to make the mutant "${mutant.name}": its text stands ${found} times in ${mutant.file}`);
  const { hunt, huntSeeds, huntCalls, huntCrowd, huntRegistries } = await import(
    pathToFileURL(resolve(OUT, `${name}.mjs`)).href
  );
  const hunts = { saga: BY_SEEDS ? huntSeeds : hunt, calls: huntCalls, crowd: huntCrowd, registries: huntRegistries };
  return hunts[systemOf(mutant)](last);
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
mkdirSync(OUT, { recursive: true });
const last = Number(process.env.MUTANT_SEEDS ?? 2000);
/** Part of the name (or `calls`) of those to try; all without it. */
const only = process.env.MUTANT ?? '';
let isOk = true;
let found = 0;
let tried = 0;
for (const [index, mutant] of MUTANTS.entries()) {
  if (!`${mutant.name} ${mutant.by ?? ''}`.includes(only) || systemOf(mutant) === undefined) continue;
  const caught = await firstFound(mutant, index, last);
  tried += 1;
  if (caught === null) isOk = false;
  else found += 1;
  console.log(
    caught === null
      ? `SURVIVED    ${mutant.name} (${last} seeds)`
      : `found       ${mutant.name}, by ${caught.at}${BY_SEEDS ? ` of the ${systemOf(mutant)} system` : ''}: ${caught.problem.slice(0, 90)}`,
  );
}
console.log(
  `${found} of ${tried} planted mistakes found${BY_SEEDS ? ' by seeds alone' : ''}, each within ${last} seeds`,
);
process.exit(isOk ? 0 : 1);
