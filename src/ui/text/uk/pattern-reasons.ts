import type { Reason } from './expression-reasons.ts';

/** Why a pattern of a route or condition is refused. */
export const patternReasons: readonly Reason[] = [
  { source: 'a ")" has no "("', pattern: /^a "\)" has no "\("$/, words: 'до ")" немає "("' },
  {
    source: '"^" and "$" cannot be repeated',
    pattern: /^"\^" and "\$" cannot be repeated$/,
    words: '"^" і "$" не повторюються',
  },
  {
    source: 'a repetition of a repetition, or a possessive one',
    pattern: /^a repetition of a repetition, or a possessive one$/,
    words: 'повторення повторення або присвійне повторення',
  },
  {
    source: 'that is no count has to be written',
    pattern: /^a "\{" that is no count has to be written "\\\{"$/,
    words: '"{", що не є лічильником, пишеться "\\{"',
  },
  { source: 'a count is larger than ', pattern: /^a count is larger than (\d+)$/, words: 'лічильник більший за $1' },
  {
    source: 'a count ends before it begins',
    pattern: /^a count ends before it begins$/,
    words: 'лічильник закінчується раніше, ніж починається',
  },
  { source: '" repeats nothing', pattern: /^a "(.)" repeats nothing$/, words: '"$1" нічого не повторює' },
  {
    source: 'look-around, named and atomic groups, and flags other than a leading (?i) are not supported',
    pattern: /^look-around, named and atomic groups, and flags other than a leading \(\?i\) are not supported$/,
    words: 'перегляду навколо, іменованих і атомарних груп та прапорців, крім (?i) на початку, тут немає',
  },
  {
    source: 'groups are nested deeper than ',
    pattern: /^groups are nested deeper than (\d+)$/,
    words: 'вкладеність груп більша за $1',
  },
  { source: 'a "(" is not closed', pattern: /^a "\(" is not closed$/, words: '"(" не закрито' },
  { source: 'it ends with a backslash', pattern: /^it ends with a backslash$/, words: 'наприкінці стоїть "\\"' },
  {
    source: '" is not supported (back-references and boundaries are not)',
    pattern: /^"(.+)" is not supported \(back-references and boundaries are not\)$/,
    words: '"$1" тут немає (як і зворотних посилань та меж)',
  },
  { source: 'a "[" is not closed', pattern: /^a "\[" is not closed$/, words: '"[" не закрито' },
  {
    source: 'an empty "[]"; a "]" inside has to be written',
    pattern: /^an empty "\[\]"; a "\]" inside has to be written "\\\]"$/,
    words: 'порожні "[]"; "]" усередині пишеться "\\]"',
  },
  {
    source: 'POSIX classes are not supported',
    pattern: /^POSIX classes are not supported$/,
    words: 'класів POSIX тут немає',
  },
  {
    source: 'a range inside "[ ]" is out of order',
    pattern: /^a range inside "\[ \]" is out of order$/,
    words: 'межі діапазону в "[ ]" переставлено',
  },
  {
    source: 'it is longer than ',
    pattern: /^it is longer than (\d+) characters$/,
    words: 'він довший за межу (символів: $1)',
  },
  {
    source: 'its repetitions unfold to more than ',
    pattern: /^its repetitions unfold to more than (\d+) instructions$/,
    words: 'його повторення розгортаються понад межу (інструкцій: $1)',
  },
];
