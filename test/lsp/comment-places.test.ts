/** Where a comment may go. `^` at the start of a line: here it may; `x`: here it would become text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canHoldComment } from '../../server/src/lsp/comment-places.ts';

function check(name: string, marked: string, jsx = true): void {
  test(name, () => {
    const lines = marked.trim().split('\n');
    const text = lines.map((line) => line.slice(2)).join('\n');
    let offset = 0;
    for (const line of lines) {
      assert.equal(canHoldComment(text, offset, jsx), line.startsWith('^'), line);
      offset += line.length - 1;
    }
  });
}

check(
  'code, strings and comments',
  `
^ const a = "it's // no comment /* either";
^ const b = 'x\\
x y'; // a ' in a comment
^ /* one
x    two */ const c = 1;
^ const d = a / b; const e = c / '/'.length;
^ const f = /['"\`/]/.test(a) ? /[/]\`/ : 1;
^ if (f) { g(); }
^ const h = 'not closed
^ done();
`,
);

check(
  'template literals',
  `
^ const a = \`one \${b} two
x three \${c.map((one) => {
^   return \`inner
x   \${one}\`;
^ }).join('}')}
x four \\\` five \\\${ six
x \`;
^ done();
`,
);

check(
  'JSX',
  `
^ export function List({ items }: Props) {
^   if (items.length < 1 || a > b) return null;
^   return (
^     <ul className="a
x       b" onClick={async () => {
^       await save();
^     }}>
x       it's text // not a comment
x       {items.map((item) => (
^         <li key={item.id}>{item.name}</li>
^       ))}
x       <br />
x       <Menu.Item render={() => <b>x</b>}
x       />
x       <>fragment
x       </>
x     </ul>
^   );
^ }
^ const t = a < b && c > d;
`,
);

check(
  'no JSX in .ts',
  `
^ const a = <T>(x: T) => x;
^ const b = <any>a;
^ done();
`,
  false,
);

check(
  'generic arrow function in tsx: it errs to no',
  `
^ const a = <T,>(x: T) => x;
x done();
`,
);

check(
  'half-typed code',
  `
^ function a() {
^   } } }
^   b(\`x\${
^   y
`,
);
