/** The register of cookies, and what else a page could leave in a browser. Pure. @see PROMISES.md */
import { grid, list, say, section } from './document.ts';
import type { Document } from './document.ts';

/** One cookie, should there ever be one. */
export interface Cookie {
  readonly name: string;
  readonly purpose: string;
  readonly life: string;
  readonly kind: 'strictly necessary' | 'optional';
}

/** All cookies of the service: none. The pages inside Jira carry their token in a header. */
export const cookies: readonly Cookie[] = [];

/** Makes the register. */
export function cookieRegister(): Document {
  return {
    id: 'cookies',
    title: 'Cookies',
    lead: 'The complete register of cookies of this service.',
    sections: [
      cookies.length === 0
        ? section(
            'None',
            say(
              'The service sets no cookies. You may block all cookies in your browser, and everything works as before.',
            ),
          )
        : section(
            'All cookies',
            grid(
              ['Name', 'Purpose', 'How long', 'Kind'],
              cookies.map(({ name, purpose, life, kind }) => [name, purpose, life, kind]),
            ),
          ),
      section(
        'What else a page could do',
        list(
          'Local storage and databases of the browser are not used.',
          'Public pages run no script at all.',
          'No page loads anything from another company: no fonts, no pictures, no scripts, no counting pixels.',
          'Jira itself, in which the app’s pages are shown, has cookies of its own. They are Atlassian’s, and the app does not see them.',
        ),
      ),
    ],
  };
}
