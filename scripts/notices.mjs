// npm run notices: THIRD_PARTY_NOTICES.md, from the lock and the licence files of what is installed. -- --check only compares.
// Everything that is part of the built site, the runtime or the command line is named: all packages that are not for development.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = 'THIRD_PARTY_NOTICES.md';
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
/** What a package needs only on some platform or only if it is there is not shipped. */
const shipped = Object.entries(packages)
  .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional && !entry.peer)
  .map(([path, entry]) => ({ path, name: path.slice(path.lastIndexOf('node_modules/') + 13), ...entry }))
  .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1));

function licenceText(path) {
  if (!existsSync(path)) throw new Error(`Failed to read the licence of ${path}: not installed (npm ci)`);
  const file = readdirSync(path).find((name) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(name));
  return file ? readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n').trim() : null;
}

/** Packages with one and the same text share it. */
const byText = new Map();
for (const one of shipped) {
  const text = licenceText(one.path) ?? `The package carries no licence file; it declares ${one.license}.`;
  byText.set(text, [...(byText.get(text) ?? []), one]);
}
const parts = [...byText].map(([text, list]) => {
  const names = [...new Set(list.map(({ name, version, license }) => `${name} ${version} (${license})`))].join(', ');
  return `## ${names}\n\n\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\`\n`;
});
const content = `# Third-party notices

Servarium is built with these ${shipped.length} packages. Written by \`npm run notices\` from package-lock.json; do not edit.

${parts.join('\n')}`;

if (!process.argv.includes('--check')) writeFileSync(FILE, content);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== content) {
  console.error(`notices: ${FILE} is not what package-lock.json says: run \`npm run notices\``);
  process.exit(1);
}
console.log(`notices: ${shipped.length} packages`);
