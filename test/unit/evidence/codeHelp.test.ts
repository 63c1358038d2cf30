import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeHelp, helpedCodes, helpMarkdown, helpPage } from '../../../shared/evidence/codeHelp.ts';
import { codes, meaningOf } from '../../../shared/verdict.ts';
import type { Code } from '../../../shared/verdict.ts';

const all = Object.keys(codes) as Code[];

describe('the help of a code', () => {
  it('is there for every code of which an admin is told, and for no other', () => {
    expect(Object.keys(codeHelp).sort()).toEqual(all.filter((code) => meaningOf(code).told === 'admin').sort());
    expect(helpedCodes).toHaveLength(Object.keys(codeHelp).length);
  });

  it('is the list in the repository, word for word', () => {
    const file = readFileSync(new URL('../../../shared/evidence/CODES.md', import.meta.url), 'utf8');
    expect(file).toBe(helpMarkdown());
  });

  it.each(all)('is a plain page without script for every code: %s', (code) => {
    const page = helpPage(code);
    expect(page).toContain(`<h1>${code}</h1>`);
    expect(page).not.toMatch(/<script|<style|<link|<img|\son\w+=|javascript:/i);
    for (const [, href = ''] of page.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^\/trust(\/contact)?$/);
    // Every sign that could open a tag or an entity belongs to our own frame.
    expect(page.replace(/<\/?(?:html|head|meta|title|body|h1|h2|p|a|!doctype)[^<>]*>/g, '')).not.toMatch(/[<>]/);
  });

  it('says what to do in whole sentences', () => {
    for (const row of Object.values(codeHelp))
      for (const text of Object.values(row)) expect(text).toMatch(/^[A-Z][^\n]{3,300}\.$/);
  });
});
