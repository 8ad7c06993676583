import { latencyPresetOf, withLatencyPreset, type LatencyPreset } from '../../core/topology/edit/latency.ts';
import type { MenuEntry } from '../kit/menu.tsx';
import { useTopology } from '../run/use-document-facts.ts';
import { useServices } from '../services.tsx';
import { useText } from '../text/use-text.tsx';

const LABEL = { 'data-centre': 'run.latency.centre', visible: 'run.latency.slow' } as const;

/** Menu entries that give every link the modelled delay of a preset, as one edit that can be undone. */
export function useLatencyEntries(): MenuEntry[] {
  const { documents } = useServices();
  const { t } = useText();
  const document = useTopology();
  const current = latencyPresetOf(document);
  const presets: readonly LatencyPreset[] = ['visible', 'data-centre'];
  return presets.map((preset) => ({
    kind: 'item',
    id: preset,
    label: t(LABEL[preset]),
    isChecked: preset === current,
    perform: () => {
      documents.edit('run.latency', (now) => ({ ok: true, value: withLatencyPreset(now, preset).diff }));
    },
  }));
}
