import { html } from '../../platform/html';

const HOSTILE = `"><script>alert('1')</script>&`;

describe('html', () => {
  test('escapes every value, in text and in attributes', () => {
    expect(html`<a title="${HOSTILE}">${HOSTILE}</a>`.toString()).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>`,
    );
  });

  test('keeps markup, joins lists and leaves out what is not there', () => {
    expect(html`<ul>${['<', html`<li>${0}</li>`]}${null}${undefined}${false}</ul>`.toString()).toBe(
      '<ul>&lt;<li>0</li></ul>',
    );
  });
});
