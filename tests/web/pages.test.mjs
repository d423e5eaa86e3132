// Both pages in a real browser against the real server with simulated data. Times are printed, not asserted: they are the machine's.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chromiumPath, launch, openPage, root, Server, twoByTwo, until, violations } from './support.mjs';

const pictures = join(root, 'build', 'web-pictures');
const scriptBytesMax = 250 * 1000;
const greyWithinMs = 5000;
const ready = { overview: '.events-panel table', event: '.ev-headline', quality: '.quality-sources table', trust: '.trust-incidents', models: '.models-facts', programmes: '.programmes h1', scenarios: '.scenario-form', shelf: '.shelf-plan' };

let server;
let browser;
let eventId;

if (!chromiumPath) {
  const words = 'no Chromium found; remedy: apt-get install chromium, or CHROMIUM=/path/to/chromium';
  if (process.env.CI) {
    throw new Error(words);
  }
  console.log(`SKIPPED: the browser tests did NOT run: ${words}`);
  process.exit(77);
}

before(async () => {
  mkdirSync(pictures, { recursive: true });
  server = await Server.start();
  browser = await launch();
  eventId = await until(async () => (await server.json('/api/v1/events?limit=1')).events[0]?.event_id, 30, 'an event');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const places = () => [
  ['overview', '/'],
  ['event', `/events/${eventId}`],
  ['quality', '/quality'],
  ['trust', '/trust'],
  ['models', '/models'],
  ['programmes', '/programmes'],
  ['scenarios', '/scenarios'],
  ['shelf', '/contingencies'],
];

test('every page comes up clean: no console message, no request to another host', async () => {
  for (const [name, path] of places()) {
    const { context, page, seen } = await openPage(browser);
    await page.goto(server.url + path);
    await page.waitForSelector(ready[name]);
    const readyMs = await page.evaluate(() => performance.now());
    console.log(`# ${name} ready after ${readyMs.toFixed(0)} ms (target 1500)`);
    await page.waitForTimeout(1500); // what a page says late counts too
    assert.deepEqual(seen.console, [], `${name} wrote to the console`);
    const hosts = new Set(seen.requests.map((url) => new URL(url).host));
    assert.deepEqual([...hosts], [new URL(server.url).host], `${name} asked elsewhere`);
    await context.close();
  }
});

test('the policy of the page allows only its own files, and nothing unsafe', async () => {
  for (const [, path] of places()) {
    const response = await fetch(server.url + path, { headers: { Accept: 'text/html' } });
    assert.equal(response.status, 200);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  }
});

test('all script together stays below 250 kB gzip', async () => {
  const { context, page, seen } = await openPage(browser);
  await page.goto(`${server.url}/events/${eventId}`);
  await page.waitForSelector(ready.event);
  await page.goto(server.url);
  await page.waitForSelector(ready.overview);
  let bytes = 0;
  const scripts = new Set(seen.requests.filter((url) => new URL(url).pathname.endsWith('.js')));
  for (const url of scripts) {
    bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer()), { level: 9 }).length;
  }
  console.log(`# ${scripts.size} scripts, ${(bytes / 1000).toFixed(1)} kB gzip (target 250)`);
  assert.ok(scripts.size > 0 && bytes < scriptBytesMax, `${bytes} bytes of script`);
  await context.close();
});

test('axe finds no violation on any page in either theme', async () => {
  const shown = ['dark', 'light'].flatMap((theme) => places().map(([name, path]) => ({ theme, name, path })));
  await twoByTwo(shown, async ({ theme, name, path }) => {
    const { context, page } = await openPage(browser, { theme });
    await page.goto(server.url + path);
    await page.waitForSelector(ready[name]);
    await page.waitForTimeout(1200); // with live values
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
    assert.deepEqual(await violations(page), [], `${name}, ${theme}`);
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    await context.close();
  });
});

test('pictures as a person without green-sensitive cones sees them', async () => {
  await twoByTwo(places(), async ([name, path]) => {
    const { context, page } = await openPage(browser);
    const devtools = await context.newCDPSession(page);
    await page.goto(server.url + path);
    await page.waitForSelector(ready[name]);
    await page.waitForTimeout(1200);
    const plain = await page.screenshot();
    await devtools.send('Emulation.setEmulatedVisionDeficiency', { type: 'deuteranopia' });
    const seen = await page.screenshot({ path: join(pictures, `${name}-deuteranopia.png`) });
    assert.ok(seen.length > 10_000 && !seen.equals(plain), `${name}: the simulation changed nothing`);
    await context.close();
  });
});

test('an event is reached from the overview with the keyboard alone', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(server.url);
  await page.waitForSelector(ready.overview);
  let stops = 0;
  const isEventLink = () => page.evaluate(() => document.activeElement?.getAttribute('href')?.startsWith('/events/') ?? false);
  while (!(await isEventLink())) {
    assert.ok(stops < 60, 'no event within 60 Tab stops');
    await page.keyboard.press('Tab');
    stops += 1;
  }
  console.log(`# ${stops} Tab stops from the top of the overview to the first event`);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, 'none', 'the focused link shows no focus');
  await page.keyboard.press('Enter');
  await page.waitForSelector(ready.event);
  assert.match(new URL(page.url()).pathname, /^\/events\/ev-/);
  await context.close();
});

test('the panel of a feeder says how fast its load will change, or why that is not told', async () => {
  const feeder = (await server.json('/api/v1/feeders?limit=1')).feeders[0].feeder_id;
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/?feeder=${feeder}`);
  await page.waitForSelector('.ramps');
  const { ramp } = await server.json(`/api/v1/feeders/${feeder}/forecast`);
  assert.equal(ramp.leads.length, 0, 'nothing has been learnt in a new folder');
  assert.equal(await page.textContent('.ramps'), `No ramp: ${ramp.reason}`);
  await context.close();
});

test('the panel of a feeder tells of the week ahead, and draws it under Week', async () => {
  const feeder = (await server.json('/api/v1/feeders?limit=1')).feeders[0].feeder_id;
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/?feeder=${feeder}`);
  await page.waitForSelector('.outlook');
  const outlook = await server.json(`/api/v1/feeders/${feeder}/outlook`);
  assert.ok(outlook.load_kw.length >= 48, `sixteen days are enough for some of the week: ${outlook.reason}`);
  assert.match(await page.textContent('.outlook'), /^Week ahead, as \d+ days before show it: at most .* in 9 of 10 cases/);
  assert.equal(await page.locator('.legend li', { hasText: 'week ahead' }).count(), 0);
  await page.getByRole('button', { name: 'Week', exact: true }).click();
  await page.waitForSelector('.legend li:has-text("week ahead, from the weeks before")');
  await page.getByRole('button', { name: 'Week', exact: true }).click();
  await until(async () => (await page.locator('.legend li', { hasText: 'week ahead' }).count()) === 0, 5, 'the usual range');
  await context.close();
});

test('the quality of the data is reached from every page and tells of a feeder that nobody knows', async () => {
  const ts = new Date(Date.parse((await server.json('/api/v1/status')).now)).toISOString();
  const answer = await fetch(`${server.url}/api/v1/readings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ feeder: 'F-nowhere', ts, kw: 1 }),
  });
  assert.deepEqual((await answer.json()).quarantined, { unknown_point: 1 });
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/events/${eventId}`);
  await page.waitForSelector(ready.event);
  await page.keyboard.press('q');
  await page.waitForSelector(ready.quality);
  assert.equal(new URL(page.url()).pathname, '/quality');
  await page.waitForSelector('text=unknown feeder or phase');
  await page.waitForSelector('text=F-nowhere');
  await page.selectOption('select', 'missing_phase');
  await until(async () => new URL(page.url()).searchParams.get('kind') === 'missing_phase', 5, 'the filter in the URL');
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('text=Save as CSV')]);
  assert.equal(saved.suggestedFilename(), 'findings.csv');
  await context.close();
});

test('panels of data quality stand below each other at every width, and the page itself does not scroll sideways', async () => {
  for (const width of [1440, 768, 390]) {
    const { context, page } = await openPage(browser, { width });
    await page.goto(`${server.url}/quality`);
    await page.waitForSelector(ready.quality);
    const panels = await page.$$eval('.quality > *', (all) =>
      all.map((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return { name: one.textContent.slice(0, 30), top, bottom, spilt: one.scrollHeight - one.clientHeight };
      }),
    );
    assert.ok(panels.length >= 5);
    panels.forEach((panel, i) => {
      assert.ok(panel.spilt <= 1, `${width} px: ${panel.name} spills ${panel.spilt} px over the next`);
      assert.ok(i === 0 || panel.top >= panels[i - 1].bottom, `${width} px: ${panel.name} lies over what is before it`);
    });
    const sideways = await page.evaluate(() => document.querySelector('.quality').scrollWidth - document.querySelector('.quality').clientWidth);
    assert.ok(sideways <= 0, `${width} px: ${sideways} px stand out at the side`);
    await context.close();
  }
});

test('the open page is marked in the header, and the other is reached with Tab and Enter', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(server.url);
  await page.waitForSelector(ready.overview);
  const current = () => page.$$eval('.pages [aria-current=page]', (links) => links.map((link) => link.textContent));
  assert.deepEqual(await current(), ['Overview']);
  const isAtLink = () => page.evaluate(() => document.activeElement?.matches('[data-quality-link]') ?? false);
  for (let stops = 0; !(await isAtLink()); stops += 1) {
    assert.ok(stops < 6, 'the link is not within 6 Tab stops');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForSelector(ready.quality);
  assert.deepEqual(await current(), ['Data quality']);
  await context.close();
});

test('an event that the log does not know is named as such', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/events/ev-20000101-nothing`);
  await page.waitForSelector('text=No such event');
  await context.close();
});

test('a decision is replayed to the same bytes and its entries are proved in the browser', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/events/${eventId}`);
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.waitForSelector('text=/^Same bytes: all [0-9]+ decisions/');
  await page.getByRole('button', { name: /^Verify entry/ }).first().click();
  await page.waitForSelector('text=/✓ in the log of [0-9]+ /', { timeout: 15_000 });
  await context.close();
});

test('a scenario is run, its worst asset is drawn, a hotter one is set beside it; what does not fit is named at its field', async () => {
  const { context, page, seen } = await openPage(browser, { height: 1400 });
  await page.goto(`${server.url}/scenarios`);
  await page.waitForSelector(ready.scenarios);
  const form = page.locator('.scenario-form');
  await form.getByLabel('Hours').fill('999');
  await form.getByRole('button', { name: 'Run' }).click();
  await page.waitForSelector('input[aria-invalid=true]');
  assert.match(await form.getByRole('alert').textContent(), /240/);
  seen.console.length = 0; // the browser tells of the refusal
  await form.getByLabel('Hours').fill('72');
  await form.getByRole('button', { name: 'Run' }).click();
  await page.waitForSelector('.scenario-result .chart canvas', { timeout: 20_000 });
  const first = new URL(page.url()).searchParams.get('run');
  assert.match(first, /^run-/);
  assert.ok((await page.locator('.scenario-result tbody tr').count()) > 3, 'no risks are listed');
  assert.match(await page.locator('.scenario-facts').textContent(), /Illustrative assets/);
  await page.locator('.scenario-result tbody tr').nth(2).locator('button').click();
  const third = await page.locator('.scenario-result tbody tr').nth(2).locator('button').textContent();
  await page.waitForSelector(`.scenario-asset-panel h3:text-is("${third}")`);

  await form.getByLabel('Hottest, °C').fill('42');
  await form.getByRole('button', { name: 'Run' }).click();
  await page.waitForFunction((id) => new URLSearchParams(window.location.search).get('run') !== id, first);
  await page.getByRole('button', { name: new RegExp(`^Compare .*\\(${first}\\)`) }).click();
  await page.waitForSelector('.scenario-diff .scenario-sums');
  await page.waitForTimeout(800);
  assert.deepEqual(seen.console, []);
  for (const theme of ['dark', 'light']) {
    await page.evaluate((to) => {
      document.documentElement.dataset.theme = to;
    }, theme);
    assert.deepEqual(await violations(page), [], `scenario with results, ${theme}`);
    await page.screenshot({ path: join(pictures, `scenario-run-${theme}.png`), fullPage: true });
  }
  const sideways = await page.evaluate(() => document.querySelector('.scenario').scrollWidth - document.querySelector('.scenario').clientWidth);
  assert.ok(sideways <= 0, `${sideways} px stand out at the side`);
  await context.close();
});

/** Numbers of the log that this page has shown: exposed by the page for this purpose. */
const followed = (page) => page.evaluate(() => ({ ...window.__headroom }));

/** Writes an entry into the log, whatever the simulated grid is doing just now. */
async function holdFeeder(held) {
  const [feeder] = (await server.json('/api/v1/feeders?limit=1')).feeders;
  const response = await fetch(`${server.url}/api/v1/feeders/${feeder.feeder_id}/state`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ state: 'normal', held, reason: 'browser test' }),
  });
  assert.equal(response.status, 200, await response.text());
}

test('killed and back: the page greys within 5 s, then resumes by seq without reload, gap or double', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/events/${eventId}`);
  await page.waitForSelector(ready.event);
  await page.evaluate(() => {
    window.sameDocument = true;
  });
  await page.waitForFunction(() => !document.querySelector('.ev-button:disabled'), null, { timeout: 20_000 });
  await holdFeeder(true);
  await until(async () => (await followed(page)).last_seq !== null, 20, 'an entry of the log');
  await server.kill();
  const killedAt = performance.now();
  await page.waitForSelector('.frame.lost', { timeout: greyWithinMs + 1000 });
  const greyMs = performance.now() - killedAt;
  console.log(`# grey ${greyMs.toFixed(0)} ms after the server was killed`);
  assert.ok(greyMs <= greyWithinMs, `grey only after ${greyMs} ms`);
  assert.equal(await page.locator('.ev-page .ev-buttons button:enabled').count(), 0, 'a write is possible without a server');
  const before = await followed(page);
  server = await server.startAgain();
  await page.waitForSelector('.frame:not(.lost)', { timeout: 20_000 });
  const end = (await server.json('/api/v1/status')).audit.size - 1;
  assert.ok(end > before.last_seq, 'a start writes entries of its own');
  await until(async () => (await followed(page)).last_seq >= end, 20, `entry ${end}`);
  const seen = await followed(page);
  assert.equal(await page.evaluate(() => window.sameDocument), true, 'the page was loaded again');
  assert.equal(seen.first_seq, before.first_seq);
  assert.equal(seen.resets, 0, 'the page had to read everything anew');
  assert.equal(seen.entries, seen.last_seq - seen.first_seq + 1, 'an entry is missing or came twice');
  await context.close();
});

test('the chip tells the co-pilot\'s state, and a question is answered in plain text with its sources', async () => {
  const { context, page, seen } = await openPage(browser);
  await page.goto(server.url);
  const chip = page.getByRole('button', { name: /^Co-pilot off/ });
  await chip.click();
  await page.getByRole('textbox', { name: 'Question' }).fill('Which feeders are tightest?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.waitForSelector('.ask-answer .ask-sources a');
  const answer = await page.locator('.ask-text').innerText();
  const [tightest] = (await server.json('/api/v1/feeders?sort=headroom&limit=1')).feeders;
  assert.match(answer, /kW/);
  assert.ok(tightest.feeder_id.length > 0);
  assert.equal(await page.locator('.ask-text *').count(), 0, 'the answer is text and nothing else');
  assert.deepEqual(await violations(page), []);
  await page.screenshot({ path: join(pictures, 'ask.png') });
  await page.getByRole('textbox', { name: 'Question' }).fill('Will it rain in <b>Paris</b>?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.waitForSelector('.ask-unsourced');
  assert.match(await page.locator('.ask-text').innerText(), /llm\.enabled/);
  assert.deepEqual(seen.console, []);
  await context.close();
});

describe('under authority propose', () => {
  let proposing;
  before(async () => {
    proposing = await Server.start(['--authority', 'propose']);
  });
  after(() => proposing?.stop());

  test('a plan waits, Enter does not approve it, a reason is asked for, Space approves', async () => {
    const waiting = async () => (await proposing.json('/api/v1/events?limit=50')).events.find((one) => one.waits_for_approval);
    const event = await until(waiting, 30, 'a plan that waits');
    const { context, page } = await openPage(browser);
    await page.goto(`${proposing.url}/events/${event.event_id}`);
    await page.getByRole('button', { name: 'Approve the plan…' }).click();
    const confirm = page.getByRole('button', { name: 'Confirm: approve the plan' });
    await page.getByRole('textbox').fill('cold evening, offers look right');
    await confirm.focus();
    await page.keyboard.press('Enter');
    await page.waitForTimeout(300);
    assert.equal((await proposing.json(`/api/v1/events/${event.event_id}`)).plans.at(-1).state, 'proposed');
    await page.keyboard.press('Space');
    const approved = async () => (await proposing.json(`/api/v1/events/${event.event_id}`)).plans.some((plan) => plan.state === 'approved');
    await until(approved, 15, 'the approval');
    await page.waitForSelector('text=/· approved/');
    await context.close();
  });
});

test('the shelf ranks what is not covered first, and shows the plan of the element that is picked', async () => {
  const { contingencies } = await server.json('/api/v1/contingencies?limit=1000');
  const rank = { uncovered: 0, partly: 1, covered: 2, none: 3 };
  const ranks = contingencies.map((one) => rank[one.cover]);
  assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b));
  const picked = contingencies.find((one) => one.switches > 0);
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/contingencies?element=${picked.element_id}`);
  await page.waitForSelector('.shelf-plan .shelf-bars');
  const shown = await page.textContent('.shelf-plan');
  assert.ok(shown.includes(picked.element_id));
  const plan = await server.json(`/api/v1/contingencies/${picked.element_id}`);
  assert.ok((await page.textContent('.shelf-switching')).includes(plan.switching[0].tie_id));
  await page.selectOption('.shelf select', 'covered');
  await page.waitForFunction(() => location.search.includes('cover=covered'));
  await context.close();
});
