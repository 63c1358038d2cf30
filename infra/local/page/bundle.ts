/** Builds the page's script once per start. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = join(import.meta.dirname, 'ui');

export interface PageFiles {
  readonly html: string;
  readonly css: string;
  readonly js: Uint8Array;
}

/** Bundles `ui/main.tsx` for the browser. */
export async function bundlePage(): Promise<PageFiles> {
  const [built, html, css] = await Promise.all([
    build({
      entryPoints: [join(folder, 'main.tsx')],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      minify: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
    readFile(join(folder, 'index.html'), 'utf8'),
    readFile(join(folder, 'style.css'), 'utf8'),
  ]);
  const [script] = built.outputFiles;
  if (script === undefined) throw new Error('the page could not be built');
  return { html, css, js: script.contents };
}
