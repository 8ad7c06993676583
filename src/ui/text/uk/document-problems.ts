import type { COMPOSE_TEXTS } from '../../../core/compose/compose-texts.ts';
import type { DOCUMENT_TEXTS } from '../../../core/topology/schema/document-texts.ts';

type ImportText = Extract<keyof typeof COMPOSE_TEXTS, `IMPORT_${string}`>;

/** What is said about files that cannot be opened. */
export const documentProblems: Readonly<Record<keyof typeof DOCUMENT_TEXTS | ImportText, string>> = {
  IMPORT_TOO_LARGE: 'Не вдалося відкрити документ: він більший за 5 МіБ ({size} МіБ)',
  'IMPORT_TOO_LARGE.compose': 'Не вдалося прочитати compose.yaml: забагато символів ({size}, а можна {limit})',
  IMPORT_NOT_YAML: 'Не вдалося прочитати compose.yaml: це не YAML ({reason})',
  IMPORT_NOT_OURS: 'Не вдалося прочитати compose.yaml: його експортував не Servarium (немає x-servarium.topology)',
  IMPORT_VERSION: 'Не вдалося прочитати compose.yaml: невідома версія x-servarium ({version})',
  IMPORT_NOT_JSON: 'Не вдалося прочитати compose.yaml: x-servarium.topology — це не JSON ({reason})',

  DOCUMENT_NOT_JSON: 'Не вдалося відкрити документ: це не правильний JSON (рядок {line}, стовпець {column}: {reason})',
  'NOT_YET_SUPPORTED.document': 'Не вдалося відкрити документ: {what} — це можна описати, але ще не можна запустити',
  'DOCUMENT_UNKNOWN_FORMAT.object': 'Не вдалося відкрити: це не документ Servarium (не об’єкт)',
  'DOCUMENT_UNKNOWN_FORMAT.none': 'Не вдалося відкрити: це не документ Servarium (немає поля «format»)',
  'DOCUMENT_UNKNOWN_FORMAT.other': 'Не вдалося відкрити: це не документ Servarium («format» дорівнює {format})',
  'DOCUMENT_UNKNOWN_VERSION.number':
    'Не вдалося відкрити документ: «version» має бути цілим числом від 1 до {current} (а є {version})',
  'DOCUMENT_UNKNOWN_VERSION.newer':
    'Не вдалося відкрити документ: його створив новіший Servarium (версія {version}, а цей читає до {current})',
  'DOCUMENT_UNKNOWN_VERSION.older': 'Не вдалося відкрити документ: версія {version} вже не підтримується',

  'DOCUMENT_INVALID.field': '{place}: поля «{field}» не буває',
  'DOCUMENT_INVALID.missing': '{place}: значення немає, а воно обов’язкове',
  'DOCUMENT_INVALID.string': '{place}: потрібен текст (а є {found})',
  'DOCUMENT_INVALID.number': '{place}: потрібне число (а є {found})',
  'DOCUMENT_INVALID.int': '{place}: потрібне ціле число (а є {found})',
  'DOCUMENT_INVALID.boolean': '{place}: потрібне true або false (а є {found})',
  'DOCUMENT_INVALID.array': '{place}: потрібен список (а є {found})',
  'DOCUMENT_INVALID.object': '{place}: потрібен об’єкт (а є {found})',
  'DOCUMENT_INVALID.atMost': '{place}: щонайбільше {limit} (а є {found})',
  'DOCUMENT_INVALID.atLeast': '{place}: щонайменше {limit} (а є {found})',
  'DOCUMENT_INVALID.moreThan': '{place}: має бути більше за {limit} (а є {found})',
  'DOCUMENT_INVALID.lessThan': '{place}: має бути менше за {limit} (а є {found})',
  'DOCUMENT_INVALID.shorter': '{place}: щонайбільша кількість символів — {limit} (а є {found})',
  'DOCUMENT_INVALID.longer': '{place}: щонайменша кількість символів — {limit} (а є {found})',
  'DOCUMENT_INVALID.fewer': '{place}: щонайбільша кількість елементів — {limit} (а є {found})',
  'DOCUMENT_INVALID.more': '{place}: щонайменша кількість елементів — {limit} (а є {found})',
  'DOCUMENT_INVALID.slash': '{place}: має починатися з «/» (а є {found})',
  'DOCUMENT_INVALID.name':
    '{place}: дозволені лише малі латинські літери, цифри та дефіс (до 40 символів, не з дефіса; а є {found})',
  'DOCUMENT_INVALID.values': '{place}: можливі значення — {allowed} (а є {found})',
  'DOCUMENT_INVALID.union': '{place}: невідома форма (а є {found})',
  'DOCUMENT_INVALID.key':
    '{place}: недозволений ключ; ідентифікатор складається з малих латинських літер, цифр і дефісів',
  'DOCUMENT_INVALID.other': '{place}: {reason} (а є {found})',
};
