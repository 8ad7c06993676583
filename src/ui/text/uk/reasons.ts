import { celReasons } from './cel-reasons.ts';
import { expressionReasons, type Reason } from './expression-reasons.ts';
import { patternReasons } from './pattern-reasons.ts';

/**
 * Well-known reasons as the log gives them (English, part of its bytes) and what they are in Ukrainian. `source` is the part
 * of the pattern that the sources hold literally: a test finds reasons that core no longer gives.
 */
export const reasons: readonly Reason[] = [
  { source: 'killed', pattern: /^killed$/, words: 'аварійно зупинено' },
  { source: 'wiped', pattern: /^wiped$/, words: 'дані стерто' },
  { source: 'removed from the canvas', pattern: /^removed from the canvas$/, words: 'прибрано з полотна' },
  { source: 'moved to another machine', pattern: /^moved to another machine$/, words: 'перенесено на іншу машину' },
  { source: 'outage by fault', pattern: /^outage by fault$/, words: 'недоступний через несправність' },
  { source: ' by fault: ', pattern: /^(\S+) by fault: (\d+ %)$/, words: '$1 через несправність: $2' },
  { source: ' by fault', pattern: /^(\S+) answers (\d+) by fault$/, words: '$1 відповідає $2 через несправність' },
  { source: 'connection refused', pattern: /^connection refused$/, words: 'у з’єднанні відмовлено' },
  { source: 'refused`', pattern: /^connection to (\S+) refused$/, words: '$1 відмовив у з’єднанні' },
  { source: 'lost`', pattern: /^connection to (\S+) (?:reset|lost)$/, words: 'з’єднання з $1 обірвалося' },
  { source: 'no instances found for ', pattern: /^no instances found for (\S+)$/, words: 'екземплярів $1 не знайдено' },
  {
    source: 'no reply from ',
    pattern: /^no reply from (\S+) within (\S+) ms$/,
    words: 'немає відповіді від $1 за $2 мс',
  },
  {
    source: 'no answer from ',
    pattern: /^no answer from (\S+) within (\S+) ms$/,
    words: 'немає відповіді від $1 за $2 мс',
  },
  {
    source: ' not called within ',
    pattern: /^(\S+) not called within (\S+) ms$/,
    words: '$1 не дочекався виклику за $2 мс',
  },
  { source: 'no address for ', pattern: /^no address for (\S+): not linked$/, words: 'немає адреси $1: немає зв’язку' },
  { source: 'not linked to ', pattern: /^not linked to (.+)$/, words: 'немає зв’язку з: $1' },
  { source: 'no row ', pattern: /^no row (.+) in (\S+)$/, words: 'немає рядка $1 у таблиці $2' },
  {
    source: 'no instance of ',
    pattern: /^no instance of (\S+) is running$/,
    words: 'жоден екземпляр $1 не працює',
  },
  {
    source: ' probe failed: ',
    pattern: /^(startup|liveness) probe failed: (?:HTTP (\d+)|.+), (\d+) in a row$/,
    words: 'перевірку $1 не пройдено $3 р. поспіль',
  },
  {
    source: ' failures in a row, the last one ',
    pattern: /^(\d+) failures in a row, the last one (.+)$/,
    words: '$1 помилок поспіль, остання — $2',
  },
  { source: 'a health check got ', pattern: /^a health check got (\d+)$/, words: 'на перевірку стану відповів $1' },
  {
    source: 'a health check met connection_reset',
    pattern: /^a health check met connection_reset$/,
    words: 'з’єднання обірвалося під час перевірки стану',
  },
  {
    source: 'a health check met ',
    pattern: /^a health check met connection_refused$/,
    words: 'у з’єднанні для перевірки стану відмовлено',
  },
  {
    source: 'no answer to a health check within ',
    pattern: /^no answer to a health check within (\S+) ms$/,
    words: 'немає відповіді на перевірку стану за $1 мс',
  },
  { source: 'no answer within ', pattern: /^no answer within (\S+) ms$/, words: 'немає відповіді за $1 мс' },
  {
    source: 'a key in double quotes is expected, found ',
    pattern: /^a key in double quotes is expected, found (.+)$/,
    words: 'очікується ключ у подвійних лапках, а тут $1',
  },
  {
    source: 'the key "__proto__"',
    pattern: /^the key "__proto__" is not allowed$/,
    words: 'ключ "__proto__" заборонено',
  },
  {
    source: 'appears twice in one object',
    pattern: /^the key (.+) appears twice in one object$/,
    words: 'ключ $1 двічі стоїть в одному об’єкті',
  },
  {
    source: '":" is expected after the key ',
    pattern: /^":" is expected after the key (.+), found (.+)$/,
    words: 'після ключа $1 очікується ":", а тут $2',
  },
  { source: ' levels of nesting', pattern: /^more than (\d+) levels of nesting$/, words: 'понад $1 рівні вкладеності' },
  {
    source: 'a text is not closed or holds a control character or a wrong escape',
    pattern: /^a text is not closed or holds a control character or a wrong escape$/,
    words: 'текст не закрито, або в ньому керівний символ чи хибне екранування',
  },
  {
    source: 'a value is expected, found ',
    pattern: /^a value is expected, found (.+)$/,
    words: 'очікується значення, а тут $1',
  },
  {
    source: 'nothing may follow the document, found ',
    pattern: /^nothing may follow the document, found (.+)$/,
    words: 'після документа не може бути нічого, а тут $1',
  },
  {
    source: ' is expected, found ',
    pattern: /^"," or "(.)" is expected, found (.+)$/,
    words: 'очікується "," або "$1", а тут $2',
  },
  { source: 'a node of kind ', pattern: /^a node of kind "(.+)"$/, words: 'компонент виду «$1»' },
  { source: 'a fault of kind ', pattern: /^a fault of kind "(.+)"$/, words: 'несправність виду «$1»' },
  { source: 'the engine "', pattern: /^the engine "(.+)"$/, words: 'рушій «$1»' },
  { source: 'the broker "', pattern: /^the broker "(.+)"$/, words: 'брокер «$1»' },
  {
    source: 'the stream of requests of "',
    pattern: /^the stream of requests of "(.+)"$/,
    words: 'потік запитів методу «$1»',
  },
  { source: 'no route for ', pattern: /^no route for (.+)$/, words: 'немає маршруту для $1' },
  ...expressionReasons,
  ...patternReasons,
];

const all = [...reasons, ...celReasons];
/** An expression's text before its reason, and the place behind it. */
const ABOUT = /^Failed to (read|evaluate) (\$\{ .*? \}|".*?"): (.+)$/s;
const PLACED = /^(.+) at character (\d+)$/s;

/** A reason in Ukrainian; one that is not well known stays as it is. */
export function reasonInUkrainian(reason: string): string {
  const about = ABOUT.exec(reason);
  if (about !== null) {
    const [, what, expression = '', why = ''] = about;
    return `${what === 'read' ? 'у' : 'не обчислено'} ${expression}: ${reasonInUkrainian(why)}`;
  }
  const placed = PLACED.exec(reason);
  const why = placed?.[1] ?? reason;
  const known = all.find(({ pattern }) => pattern.test(why));
  if (known === undefined) return reason;
  const { pattern, words } = known;
  const said = typeof words === 'string' ? why.replace(pattern, words) : words(...(pattern.exec(why)?.slice(1) ?? []));
  return placed === null ? said : `${said} (позиція ${placed[2]})`;
}
