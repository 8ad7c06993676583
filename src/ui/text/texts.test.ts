import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { en } from './en/index.ts';
import { canvas } from './en/canvas.ts';
import { commands } from './en/commands.ts';
import { dialogs } from './en/dialogs.ts';
import { faces } from './en/faces.ts';
import { inspector } from './en/inspector.ts';
import { nodeForms } from './en/node-forms.ts';
import { panels } from './en/panels.ts';
import { policies } from './en/policies.ts';
import { rest } from './en/rest.ts';
import { run } from './en/run.ts';
import { shell } from './en/shell.ts';
import { steps } from './en/steps.ts';
import { createTexts } from './texts.ts';
import { uk } from './uk/index.ts';
import type { Message } from './catalogue.ts';

const places = (message: Message): string[] => {
  const text = typeof message === 'string' ? message : Object.values(message).join(' ');
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
};

describe('catalogues', () => {
  test('name the same places in both languages', () => {
    for (const [key, message] of Object.entries(en)) {
      expect([key, places(uk[key as keyof typeof en])]).toEqual([key, places(message as Message)]);
    }
  });

  test('the Ukrainian texts are Ukrainian: no letters that the language does not have', () => {
    for (const [key, message] of Object.entries(uk))
      expect([key, JSON.stringify(message).match(/[ыэёъ]/i)]).toEqual([key, null]);
  });

  test('Ukrainian plurals have the forms that its rules can choose', () => {
    for (const [key, message] of Object.entries(uk)) {
      if (typeof message !== 'string')
        expect([key, Object.keys(message).sort()]).toEqual([key, ['few', 'many', 'one', 'other']]);
    }
  });

  test('are made of areas that never say the same key twice', () => {
    const areas = [canvas, commands, faces, dialogs, inspector, nodeForms, panels, policies, run, shell, steps];
    const keys = areas.flatMap((area) => Object.keys(area));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test.each([
    ['forms', rest, /^inspector\//],
    ['dialogs', dialogs, /^shell\/dialogs\/(help|export|documents|versions)-dialog/],
    ['panels', panels, /^(drawer|message)\//],
  ])('only %s use the words that load with them', (_, words, owners) => {
    const late = Object.keys(words);
    const files = readdirSync('src/ui', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !owners.test(file) && !/^text\/|\.test\./.test(file))
      .map((file) => [file, readFileSync(`src/ui/${file}`, 'utf8')] as const);
    const early = files.flatMap(([file, source]) =>
      late.filter((key) => source.includes(`'${key}'`)).map((key) => `${file}: ${key}`),
    );
    expect(early).toEqual([]);
  });

  test('choose plural forms and fill places', () => {
    const texts = createTexts('uk', uk);
    expect([1, 2, 5, 11, 21].map((count) => texts.t('canvas.copied', { count }))).toEqual([
      'Скопійовано 1 компонент',
      'Скопійовано 2 компоненти',
      'Скопійовано 5 компонентів',
      'Скопійовано 11 компонентів',
      'Скопійовано 21 компонент',
    ]);
    expect(createTexts('en', en).t('canvas.copied', { count: 1 })).toBe('1 component copied');
  });

  test('write every number as the language does, also those that need no formatter', () => {
    for (const language of ['en', 'uk'] as const) {
      const texts = createTexts(language, language === 'en' ? en : uk);
      const numbers = [...Array(1100).keys(), -1, -0, 1e6, 12_345.678, 1e-7, 5e-324, NaN, Infinity, -Infinity];
      numbers.push(0.5, 0.01, 0.05, 1.5, 999.25, 999.999, 999.9999, 0.125, 7.0625, 1 / 3, 0.1 + 0.2);
      for (const digits of [0, 1, 2, 3]) {
        const format = new Intl.NumberFormat(language, { maximumFractionDigits: digits });
        expect(numbers.map((n) => texts.number(n, digits))).toEqual(numbers.map((n) => format.format(n)));
      }
    }
  });
});
