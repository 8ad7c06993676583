import { APP_FIXES, APP_TEXTS } from '../../../app/app-texts.ts';
import { COMPOSE_FIXES, COMPOSE_TEXTS } from '../../../core/compose/compose-texts.ts';
import { CHECK_FIXES, CHECK_TEXTS } from '../../../core/topology/check/check-texts.ts';
import { DOCUMENT_FIXES, DOCUMENT_TEXTS } from '../../../core/topology/schema/document-texts.ts';
import { EDIT_TEXTS } from '../../../core/topology/edit/edit-texts.ts';
import { HOST_TEXTS } from '../../../hosts/browser/host-texts.ts';

/** English sentences of problems: those of the parts that find them. */
export const problems = {
  ...APP_TEXTS,
  ...COMPOSE_TEXTS,
  ...CHECK_TEXTS,
  ...DOCUMENT_TEXTS,
  ...EDIT_TEXTS,
  ...HOST_TEXTS,
};

/** What can be done about them. */
export const fixes = { ...APP_FIXES, ...COMPOSE_FIXES, ...CHECK_FIXES, ...DOCUMENT_FIXES };
