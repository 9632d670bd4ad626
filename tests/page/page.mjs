// The worker's page in a browser: `./run`, which says what is needed. Ends with code 1 where something does not hold.
//   PAGE      the page's address, of a `streamrec demo` that runs
//   CHROMIUM  the browser's program
//   SHOTS     a folder for pictures of the page; none are made where it is not given
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core');
const { PAGE, CHROMIUM, SHOTS } = process.env;
const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>${7*7}';
const LIMIT = 60_000;

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
let failed = 0;

// A page that notes all that must not happen.
async function open(options, path = '', prepare = async () => {}, phase = 'working') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  page.wrong = [];
  page.on('dialog', dialog => { page.wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('pageerror', fault => page.wrong.push(`an error: ${fault.message}`));
  page.on('request', request => {
    if (new URL(request.url()).origin !== new URL(PAGE).origin) page.wrong.push(`a request to ${request.url()}`);
  });
  await page.exposeFunction('noteReport', what => page.wrong.push(`a CSP report: ${what}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
    report => window.noteReport(`${report.violatedDirective} ${report.blockedURI}`)));
  await prepare(page);
  await page.goto(PAGE + path);
  await page.locator('#phase', { hasText: phase }).waitFor();
  return page;
}

async function close(page) {
  assert.deepEqual(page.wrong, []);
  await page.context().close();
}

async function lookUp(page, user) {
  await page.fill('#user-id', user);
  await page.click('#lookup button');
  // Where the machine is busy the store may not answer in time; then the page says so, and one asks again.
  const [found, fault] = [page.locator('#list-note', { hasText: /written|No list/ }), page.locator('#user-fault')];
  for (let attempt = 1; attempt < 5; attempt++) {
    await found.or(fault.filter({ hasText: /./ })).first().waitFor();
    if (await fault.textContent() === '') return;
    console.log(`        ${await fault.textContent()}`);
    await page.click('#lookup button');
  }
  await found.waitFor();
}

async function violations(page) {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(v => `${v.id}: ${v.nodes.map(node => node.html).join(' | ')}`);
}

async function shoot(page, name) {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

async function test(name, run) {
  try {
    await run();
    console.log(`ok      ${name}`);
  } catch (fault) {
    failed++;
    console.log(`FAILED  ${name}\n        ${String(fault.stack).replaceAll('\n', '\n        ')}`);
  }
}

// A user of the tests' own: whether a shopper of the demo has clicked already is chance.
const USER = 'reader-of-the-page';

await test('a click changes the list, and both are shown', async () => {
  const page = await open();
  await lookUp(page, USER);
  assert.equal(await page.locator('#list tr').count(), 20);
  assert.equal(await page.locator('#sequence tr').count(), 0);
  // The last of the list moves it most.
  const button = page.locator('#list button').last();
  await button.click();
  await page.locator('#clicked-note', { hasText: 'The list followed in' }).waitFor();
  const texts = async id => page.locator(`#${id} .name`).allTextContents();
  assert.notDeepEqual(await texts('before'), await texts('after'));
  assert.equal(await page.locator('#before li').count(), 20);
  await page.locator('#sequence tr').first().waitFor();
  assert.equal(await page.locator('#sequence tr').count(), 1);
  // Of one event it has all.
  assert.equal(await page.locator('#sequence td.share').textContent(), '100 %');
  assert.equal(await page.locator('#sequence meter').getAttribute('value'), '1');
  await close(page);
});

await test('an item that is markup runs nothing, and is shown as it is', async () => {
  const page = await open();
  await page.fill('#click-user', HOSTILE);
  await page.fill('#click-item', HOSTILE);
  await page.click('#click button');
  await page.locator('#clicked-note', { hasText: /partition/ }).waitFor();
  await lookUp(page, HOSTILE);
  await page.locator('#sequence td.item', { hasText: HOSTILE }).first().waitFor();
  assert.equal(await page.locator('main img, main script').count(), 0);
  await close(page);
});

await test('markup in any field of any answer runs nothing', async () => {
  const poison = value => typeof value === 'string' ? HOSTILE
    : Array.isArray(value) ? value.map(poison)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === 'phase' ? inner : poison(inner)]))
      : value;
  const letter = { place: '0:1', written_at: 1e12, reason: 'r', message: 'm', topic: 't', partition: 0, offset: 1,
    key: 'k', value: 'v', value_bytes: 1, cut: false };
  const page = await open({}, '', async page => {
    await page.route('**/api/user?*', async route => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: poison(await answer.json()) });
    });
    await page.route('**/api/dead-letters', route =>
      route.fulfill({ json: poison({ topic: 't', letters: [letter, letter] }) }));
    const status = await (await fetch(`${PAGE}api/status`)).json();
    const hostile = poison({ ...status, halt: 'h', names: 'n',
      waiting: [{ partition: 1, reason: 'r', seconds: 9, error: 'e' }],
      partitions: status.partitions.map(partition => ({ ...partition, error: 'e' })),
      ready: status.ready.map(condition => ({ ...condition, ok: false, why: 'w' })) });
    hostile.outcomes.dead_letters = { [HOSTILE]: 3 };
    await page.route('**/events', route => route.fulfill({ contentType: 'text/event-stream',
      body: `event: status\ndata: ${JSON.stringify(hostile)}\n\n` }));
    // The stream that stands in ends at once, and is asked for again and again.
  }, /working|no connection/);
  await page.locator('#notices p', { hasText: HOSTILE }).first().waitFor();
  await page.locator('#outcomes li', { hasText: HOSTILE }).waitFor();
  await lookUp(page, USER);
  await page.click('#read-letters');
  await page.locator('#letter-list summary').first().click();
  await page.locator('#letter-list dd', { hasText: HOSTILE }).first().waitFor();
  assert.equal(await page.locator('main img, main script').count(), 0);
  await close(page);
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    await test(`${colorScheme}, ${width} px: nothing is in the way of anybody`, async () => {
      const page = await open({ colorScheme, viewport: { width, height: width === 390 ? 844 : 900 }, bypassCSP: true });
      await lookUp(page, USER);
      await page.locator('#list button').nth(9).click();
      await page.locator('#clicked-note', { hasText: 'The list followed in' }).waitFor();
      await page.click('#read-letters');
      await page.locator('#letters-note', { hasText: /The last|There are none/ }).waitFor();
      const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(needs <= has, `it is ${needs} px wide`);
      await page.evaluate(() => scrollTo(0, 0));
      await shoot(page, `page-${colorScheme}-${width}`);
      assert.deepEqual(await violations(page), []);
      await close(page);
    });
  }
}

await test('all can be done from the keyboard', async () => {
  const page = await open();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  const tabTo = async matches => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(selector => document.activeElement.matches(selector), matches)) return;
    }
    assert.fail(`Tab never comes to ${matches}`);
  };
  await tabTo('#user-id');
  await page.keyboard.type('shopper-0005');
  await page.keyboard.press('Enter');
  await page.locator('#list tr').first().waitFor();
  await tabTo('#list button');
  await page.keyboard.press('Enter');
  await page.locator('#clicked-note', { hasText: 'The list followed in' }).waitFor();
  await tabTo('#read-letters');
  await page.keyboard.press('Space');
  await page.locator('#letters-note', { hasText: /The last|There are none/ }).waitFor();
  await close(page);
});

await test('who wants less motion gets none', async () => {
  const page = await open({ reducedMotion: 'reduce' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), 'auto');
  await close(page);
});

await test('a link to a user shows that user', async () => {
  const page = await open({}, '#user=shopper-0007');
  await page.locator('#list tr').first().waitFor();
  assert.equal(await page.inputValue('#user-id'), 'shopper-0007');
  await close(page);
});

await browser.close();
console.log(failed === 0 ? 'The page holds.' : `${failed} did not hold.`);
process.exit(failed === 0 ? 0 : 1);
