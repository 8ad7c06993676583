import type { Document } from '../topology/schema/types.ts';
import type { ComposeModel } from './model.ts';

/** A line about the proto files, when there are some. */
const protoLine = (model: ComposeModel): string =>
  [...model.files.keys()].some((path) => path.endsWith('.proto'))
    ? '\n- `services/*.proto`: what services answer over gRPC; the port stands under `expose` in compose.yaml.'
    : '';

/** README.md of the zip: how to start, use, prove, change and stop the exported system. */
export function readmeText(document: Document, model: ComposeModel): string {
  const published = model.containers.filter((one) => one.ports.length > 0);
  const ports = published.map(
    (one) => `- ${one.name}: \`${one.ports.join(', ').replaceAll(/\$\{\w+:-(\d+)\}/g, '$1')}\``,
  );
  const verify = model.containers.find((one) => one.profiles.includes('verify'));
  const hasLoad = model.containers.some((one) => one.profiles.includes('load'));
  return `# ${document.name}

Exported by Servarium. Needs Docker Compose 2.23.1 or newer and Engine 25 or newer.

\`\`\`sh
docker compose up -d --wait     # start; returns when every container is healthy
docker compose logs -f          # JSON lines
docker compose down             # stop; the data stays in volumes (add -v to remove it)
\`\`\`

Open ports (host:container, on this machine only; change them in \`.env\`):
${ports.join('\n')}
${
  verify
    ? `
## Prove it
\`\`\`sh
docker compose down -v && docker compose up -d --wait
docker compose --profile verify run --rm ${verify.name}
\`\`\`
Sends the requests that the tab already answered, with the same trace ids, and compares replies, the steps of every
service, and the rows that are left. It needs fresh volumes, because the rows of an earlier run would be in the way.
`
    : ''
}
## What is inside
- \`compose.yaml\`: the containers. \`x-servarium\` holds the drawing: drop this file on Servarium to get the canvas back.
- \`services/*.json\`: endpoints, subscriptions and steps of each service. Change one and run \`docker compose up -d --force-recreate NAME\`.${protoLine(model)}
- \`runtime/\`: the program in every service container, the same interpreter as in the tab.
- \`database/\`: tables and first rows; read once, when a volume is empty.
- \`EXPORT-REPORT.md\`: what is the same and what is not.
${hasLoad ? '\nLoad of the drawn clients: `docker compose --profile load up -d`.\n' : ''}
Settings in \`.env\`: \`SERVARIUM_FAULTS\` (JSON list such as \`[{"node":"payment","step":"charge","rate":1,"code":"declined"}]\` or
\`[{"kind":"error-rate","node":"reviews","rate":1,"status":503}]\`, read at start), \`OTEL_EXPORTER_OTLP_ENDPOINT\` (traces as OTLP/HTTP JSON).
`;
}
