import { trustOwnScripts } from './hosts/browser/trusted-scripts.ts';

const BASE = new URL('./', document.baseURI);
trustOwnScripts(BASE);

void import('./main.tsx');
