import { fillPlaces } from '../base/problem.ts';
import {
  FIDELITY_ASPECTS,
  noteText,
  type FidelityAspect,
  type FidelityNote,
  type ImageName,
} from './fidelity-texts.ts';
import images from './images.json';
import type { FidelityRow } from './model.ts';

type Level = FidelityRow['level'];

const isAspect = (aspect: string): aspect is FidelityAspect => Object.hasOwn(FIDELITY_ASPECTS, aspect);
/** One row of the report, in English and with what a translation needs. */
export const row = (
  node: string | null,
  aspect: string,
  level: Level,
  note: FidelityNote,
  values: FidelityRow['values'] = {},
): FidelityRow => ({
  node,
  aspect: isAspect(aspect) ? fillPlaces(FIDELITY_ASPECTS[aspect], values) : aspect,
  aspectText: isAspect(aspect) ? aspect : null,
  level,
  note: fillPlaces(noteText(note), values),
  noteText: note,
  values,
});
/** The row of an image: what stands in the table of images about it. */
export const imageRow = (node: string, aspect: string, image: ImageName): FidelityRow =>
  row(node, aspect, images[image].fidelity as Level, `image.${image}`);
