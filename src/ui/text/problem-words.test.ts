import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fillPlaces } from '../../core/base/problem.ts';
import type { Problem } from '../../core/base/result.ts';
import { FIDELITY_ASPECTS } from '../../core/compose/fidelity-texts.ts';
import { fidelityRows } from '../../core/compose/fidelity.ts';
import { parseDocument, validateDocument } from '../../core/topology/check/validate.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import * as english from './en/problems.ts';
import { placeWords, sayProblem } from './problem-words.ts';
import { createTexts } from './texts.ts';
import { labelled } from '../run/use-document-facts.ts';
import * as ukFidelity from './uk/fidelity.ts';
import { uk } from './uk/index.ts';
import { reasonInUkrainian, reasons } from './uk/reasons.ts';
import * as ukrainian from './uk/problems.ts';

const placesOf = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
const t = createTexts('uk', uk).t;

function saga(change: (document: Document) => void = () => undefined): Document {
  const parsed = parseDocument(readFileSync('public/examples/order-saga.json', 'utf8'));
  if (!parsed.ok) throw new Error('the example cannot be read');
  const document = JSON.parse(JSON.stringify(parsed.value)) as Document;
  change(document);
  return document;
}

describe('sentences of problems', () => {
  test.each([
    ['sentences', english.problems, ukrainian.problems],
    ['fixes', english.fixes, ukrainian.fixes],
  ])('%s: Ukrainian names no place that English does not have', (_, source, said) => {
    for (const [text, sentence] of Object.entries(said)) {
      const known = placesOf((source as Record<string, string>)[text] ?? '');
      expect([text, placesOf(sentence).filter((place) => !known.includes(place))]).toEqual([text, []]);
      expect([text, sentence.match(/[ыэёъ]/i), sentence.includes('"')]).toEqual([text, null, false]);
    }
  });

  test('every problem that the sources make has its sentence: none is written where it is found', () => {
    const written =
      /\.(?:error|warn)\(\s*'([A-Z_]+)',\s*[^,;]+,\s*(?:'|`)|\bseverity: '(?:error|warning)'(?! \||\s*})/g;
    const files = ['src/core', 'src/hosts', 'src/app', 'src/ui'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && !/\.(test|suite)\.|testing\//.test(file))
        .map((file) => `${folder}/${file}`),
    );
    // The shape itself, and fields that speak the language of the interface already.
    const makers = ['src/core/base/result.ts', 'src/ui/inspector/apply-edit.ts'];
    const bare = files
      .filter((file) => !makers.includes(file))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(written)].map((match) => `${file}: ${match[1] ?? match[0]}`),
      );
    expect(bare).toEqual([]);
  });

  test('nodes are said by their names, places by the field, in Ukrainian', () => {
    const document = saga((copy) => delete copy.links['rabbitmq-subscribe-email']);
    const [problem] = validateDocument(document);
    expect(problem?.message).toBe('"email" subscribes to "rabbitmq" but no subscribe link leads from it');
    expect(sayProblem(problem as Problem, ukrainian, document, t)).toEqual({
      says: '«Email» підписаний на «RabbitMQ», але зв’язку доставки між ними немає',
      fix: 'Проведіть зв’язок від «RabbitMQ» до «Email» або видаліть підписку',
    });
    expect(placeWords('nodes/order/config/port', document)).toBe('Order: port');
    expect(placeWords('links/order-payment/config', document)).toBe('links/order-payment/config');
    expect(placeWords('nodes/user', document)).toBe('User');
  });

  test('a refused link says why in the words of the canvas', () => {
    const document = saga((copy) => {
      const link = Object.values(copy.links).find(({ kind }) => kind === 'owns');
      if (link) link.to = { node: 'web' };
    });
    const problem = validateDocument(document).find(({ code }) => code === 'LINK_TO_CLIENT');
    expect(sayProblem(problem as Problem, ukrainian, document, t).says).toMatch(/неможливий: .*клієнт/);
  });

  test('without a sentence the English one is shown', () => {
    const problem: Problem = { code: 'X', message: 'x happened', at: '', severity: 'error' };
    expect(sayProblem(problem, ukrainian, saga(), t)).toEqual({ says: 'x happened', fix: null });
  });
});

test('every row of the export report has Ukrainian words, with what it names', () => {
  const document = saga();
  for (const row of fidelityRows(document)) {
    const note = fillPlaces(ukFidelity.notes[row.noteText], row.values);
    expect([row.noteText, /[а-яіїєґ]/.test(note), placesOf(note)]).toEqual([row.noteText, true, []]);
    const aspect = row.aspectText === null ? row.aspect : fillPlaces(FIDELITY_ASPECTS[row.aspectText], row.values);
    expect(aspect).toBe(row.aspect);
  }
});

describe('well-known reasons', () => {
  test('are still given by the sources, and have Ukrainian words', () => {
    const sources = ['src/core', 'src/hosts'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
        .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
    );
    for (const { source, words } of reasons) {
      expect([source, sources.some((text) => text.includes(source))]).toEqual([source, true]);
      expect([source, /[а-яіїєґ]/.test(String(words)), /[ыэёъ]/i.test(String(words))]).toEqual([source, true, false]);
    }
  });

  test('keep what they name; others stay as they are', () => {
    expect(
      [
        'killed',
        'declined by fault: 100 %',
        'no instances found for payment',
        'no reply from order#2 within 3000 ms',
        'the roof fell in',
      ].map(reasonInUkrainian),
    ).toEqual([
      'аварійно зупинено',
      'declined через несправність: 100 %',
      'екземплярів payment не знайдено',
      'немає відповіді від order#2 за 3000 мс',
      'the roof fell in',
    ]);
  });
});

test('labels of a document speak the language of the interface where it has them', () => {
  const { demo } = saga();
  expect([demo && labelled(demo, 'uk').primary.label, demo && labelled(demo, 'uk').break?.healLabel]).toEqual([
    'Надіслати замовлення',
    'Полагодити оплату',
  ]);
  expect(demo && labelled(demo, 'en').primary.label).toBe('Send order');
  expect(demo && labelled(demo, 'pl').break?.label).toBe('Break payment');
});
