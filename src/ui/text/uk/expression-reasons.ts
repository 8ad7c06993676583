/** A reason as core or the reader of CEL gives it in English, and how it is said; `source` is what their sources hold of it literally. */
export interface Reason {
  source: string;
  pattern: RegExp;
  words: string | ((...found: string[]) => string);
}

const TYPES: Readonly<Record<string, string>> = {
  list: 'список',
  map: 'об’єкт',
  bool: 'логічне значення',
  string: 'текст',
  number: 'число',
};
/** The word for a type; what is no type of CEL (null, a written value) stays. */
const type = (name = ''): string => TYPES[name] ?? name;

const VERBS: Readonly<Record<string, string>> = {
  subtract: 'відняти',
  multiply: 'перемножити',
  divide: 'поділити',
  'take the remainder of': 'узяти остачу від ділення',
};
const LIMITS: Readonly<Record<string, string>> = {
  operations: 'операцій',
  'rounds of list macros': 'обертів у макросах списків',
  'characters in a text': 'символів у тексті',
  'elements in a list': 'елементів у списку',
  'elements in range()': 'елементів у range()',
  'levels in a comparison': 'рівнів у порівнянні',
  'values in the result': 'значень у результаті',
  'levels in the result': 'рівнів у результаті',
};
const limit = (name = ''): string => LIMITS[name] ?? name;

/** Whose condition it is, or which function asks. */
const asking = (who = ''): string =>
  who
    .replace(/^the condition before /, 'умова перед ')
    .replace(/^the condition of /, 'умова ')
    .replace(/ \(use "in" for lists\)$/, ' (для списків є "in")');
const needs = (what: string) => (who?: string, found?: string) =>
  `${asking(who)} потребує ${what}, а тут ${type(found)}`;

/** What our own evaluation of expressions says. */
export const expressionReasons: readonly Reason[] = [
  {
    source: 'the expression has more than ',
    pattern: /^the expression has more than (\d+) characters$/,
    words: 'вираз задовгий (межа — $1 символів)',
  },
  { source: 'the expression cannot be read', pattern: /^the expression cannot be read$/, words: 'вираз не читається' },
  {
    source: 'bytes are not JSON: write text',
    pattern: /^bytes are not JSON: write text$/,
    words: 'у JSON немає байтів: пишіть текст',
  },
  {
    source: '" is not known here',
    pattern: /^"(.+)" is not known here(?:; known: (.+))?$/s,
    words: (name = '', known?: string) =>
      `назва "${name}" тут невідома${known === undefined ? '' : `; відомі: ${known}`}`,
  },
  { source: '" is not available', pattern: /^"(.+)" is not available$/, words: 'операції "$1" тут немає' },
  {
    source: ' of a map must be text, not ',
    pattern: /^the key (.+) of a map must be text, not (\w+)$/s,
    words: (key, found) => `ключ ${key} об’єкта має бути текстом, а тут ${type(found)}`,
  },
  {
    source: 'there is no ',
    pattern: /^there is no (function|method) (\w+)\(\)$/,
    words: (kind, name) => `${kind === 'function' ? 'функції' : 'методу'} ${name}() немає`,
  },
  {
    source: '() got the wrong number of arguments',
    pattern: /^(\w+\(\)) got the wrong number of arguments$/,
    words: 'у $1 хибна кількість аргументів',
  },
  {
    source: 'has() needs a field, such as has(user.email)',
    pattern: /^has\(\) needs a field, such as (.+)$/,
    words: 'has() потребує поля, наприклад $1',
  },
  {
    source: 'cannot look for "',
    pattern: /^cannot look for "(.+?)" in (.+): it is (\w+)$/s,
    words: (key, where, found) => `"${key}" не можна шукати в ${where}: це ${type(found)}`,
  },
  {
    source: '() needs a name and a condition, such as list.',
    pattern: /^(\w+\(\)) needs a name and a condition, such as (.+)$/,
    words: '$1 потребує назви та умови, наприклад $2',
  },
  {
    source: 'cel.bind() needs a name, a value and an expression',
    pattern: /^cel\.bind\(\) needs a name, a value and an expression$/,
    words: 'cel.bind() потребує назви, значення та виразу',
  },
  {
    source: ' needs true or false, not ',
    pattern: /^(.+?) needs true or false, not (.+)$/s,
    words: needs('true або false'),
  },
  { source: ' needs a number, not ', pattern: /^(.+?) needs a number, not (\w+)$/, words: needs('числа') },
  { source: ' needs text, not ', pattern: /^(.+?) needs text, not (\w+)$/, words: needs('тексту') },
  { source: ' needs a list, not ', pattern: /^(.+?) needs a list, not (\w+)$/, words: needs('списку') },
  {
    source: ' needs a whole number, not ',
    pattern: /^(.+?) needs a whole number, not (.+)$/,
    words: needs('цілого числа'),
  },
  { source: 'keys() needs a map, not ', pattern: /^(keys\(\)) needs a map, not (\w+)$/, words: needs('об’єкта') },
  {
    source: ' needs text, a list or a map, not ',
    pattern: /^(.+?) needs text, a list or a map, not (\w+)$/,
    words: needs('тексту, списку чи об’єкта'),
  },
  {
    source: '() needs a list or a map, not ',
    pattern: /^(\w+\(\)) needs a list or a map, not (\w+)$/,
    words: needs('списку чи об’єкта'),
  },
  {
    source: '"in" needs a list or a map on its right, not ',
    pattern: /^("in") needs a list or a map on its right, not (\w+)$/,
    words: needs('праворуч списку чи об’єкта'),
  },
  {
    source: 'string() needs text, a number, a bool or null, not ',
    pattern: /^(string\(\)) needs text, a number, a bool or null, not (\w+): use json\(\)$/,
    words: (who, found) => `${needs('тексту, числа, true, false або null')(who, found)}: є json()`,
  },
  { source: ' as text`', pattern: /^cannot write (\S+) as text$/, words: '$1 не можна записати текстом' },
  {
    source: '" as a number`',
    pattern: /^(\w+\(\)) cannot read "(.*)" as a number$/s,
    words: '$1 не може прочитати "$2" як число',
  },
  { source: '() of an empty list', pattern: /^(\w+\(\)) of an empty list$/, words: '$1 від порожнього списку' },
  {
    source: 'round() takes 0 to 12 digits',
    pattern: /^round\(\) takes 0 to 12 digits$/,
    words: 'round() приймає від 0 до 12 знаків',
  },
  {
    source: 'randomInt() from ',
    pattern: /^randomInt\(\) from (\S+) to (\S+) is empty$/,
    words: 'randomInt() від $1 до $2 порожній',
  },
  { source: 'range() needs 0 or more', pattern: /^range\(\) needs 0 or more$/, words: 'range() потребує 0 або більше' },
  {
    source: ' is outside of a text of ',
    pattern: /^(substring\(.+\)) is outside of a text of (\d+) characters$/,
    words: '$1 виходить за межі тексту довжиною $2',
  },
  {
    source: 'cannot compare ',
    pattern: /^cannot compare (\w+) with (\w+)$/,
    words: (a, b) => `не можна порівняти: ${type(a)} і ${type(b)}`,
  },
  {
    source: ': turn the value into text with string()',
    pattern: /^cannot add (\w+) and (\w+): turn the value into text with string\(\)$/,
    words: (a, b) => `не можна додати: ${type(a)} і ${type(b)}; зробіть текст через string()`,
  },
  {
    source: 'cannot add ',
    pattern: /^cannot add (\w+) and (\w+)$/,
    words: (a, b) => `не можна додати: ${type(a)} і ${type(b)}`,
  },
  {
    source: 'cannot ${verb} ',
    pattern: /^cannot (subtract|multiply|divide|take the remainder of) (\w+) and (\w+)$/,
    words: (verb = '', a, b) => `не можна ${VERBS[verb] ?? verb}: ${type(a)} і ${type(b)}`,
  },
  {
    source: ' must be a whole number, not ',
    pattern: /^the index of (.+) must be a whole number, not (.+)$/s,
    words: 'індекс у $1 має бути цілим числом, а тут $2',
  },
  {
    source: ' has no index ',
    pattern: /^(.+) has no index (\S+) \(it has (\d+) elements\)$/s,
    words: '$1 не має індексу $2 (елементів: $3)',
  },
  {
    source: ' must be text, not ',
    pattern: /^the key of (.+) must be text, not (\w+)$/s,
    words: (where, found) => `ключ у ${where} має бути текстом, а тут ${type(found)}`,
  },
  {
    source: ' has no key "',
    pattern: /^(.+?) has no key "(.*?)"; (?:did you mean (".+")\?|it has (.+)|it is empty)$/s,
    words: (where, key, near?: string, known?: string) =>
      `${where} не має ключа "${key}"${near !== undefined ? `; може, ${near}?` : known !== undefined ? `; є ${known}` : ', бо порожній'}`,
  },
  {
    source: 'cannot read "',
    pattern: /^cannot read "(.+?)" of (.+): it is (\w+)$/s,
    words: (key, where, found) => `"${key}" не можна прочитати з ${where}: це ${type(found)}`,
  },
  {
    source: ', which JSON cannot hold (was something divided by 0?)',
    pattern: /^the result is (\S+), which JSON cannot hold \(was something divided by 0\?\)$/,
    words: 'результат — $1, а в JSON такого немає (можливо, ділення на 0?)',
  },
  {
    source: 'the result holds a ',
    pattern: /^the result holds a (\w+), which JSON cannot hold$/,
    words: 'у результаті є $1, а в JSON такого немає',
  },
  {
    source: 'a text inside ${ } is not closed',
    pattern: /^a text inside \$\{ \} is not closed$/,
    words: 'текст усередині ${ } не закрито лапкою',
  },
  { source: '"${" is not closed by "}"', pattern: /^"\$\{" is not closed by "\}"$/, words: '"${" не закрито "}"' },
  {
    source: 'more than ${max} ${limit}',
    pattern: new RegExp(
      `^more than (\\d+) (${Object.keys(LIMITS)
        .join('|')
        .replaceAll(/[()]/g, String.raw`\$&`)})$`,
    ),
    words: (most, what) => `забагато ${limit(what)} (межа ${most})`,
  },
];
