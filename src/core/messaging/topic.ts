/** Whether a topic binding accepts a routing key: words between dots, `*` one word (not the empty one), `#` any number (RabbitMQ topic exchange, MQ1). */
export function topicMatches(pattern: string, key: string): boolean {
  return matchWords(words(pattern), words(key));
}

const words = (text: string): string[] => (text === '' ? [] : text.split('.'));

function matchWords(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '#') return matchWords(rest, key) || (key.length > 0 && matchWords(pattern, key.slice(1)));
  const word = key[0];
  if (word === undefined) return false;
  return (first === '*' || first === word) && matchWords(rest, key.slice(1));
}
