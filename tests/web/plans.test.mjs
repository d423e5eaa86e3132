// The list of plans and one plan in a real browser, while a plan waits for a person and a model on loopback speaks nonsense beside it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { binary, chromiumPath, launch, openPage, root, Server, twoByTwo, until, violations } from './support.mjs';

if (!chromiumPath) {
  console.log('SKIPPED: no Chromium found');
  process.exit(77);
}

const pictures = join(root, 'build', 'web-pictures');
const manual = '# Operating manual\n\n## 4 Ratings\n\nNo feeder may exceed its continuous thermal rating for longer than a half-hour.\n';
const request = {
  dry_run: true,
  seed: 7,
  now: '2026-11-20T15:00:00Z',
  need: { feeder_id: 'LV-001', start: '2026-11-20T17:00:00Z', step_minutes: 30, required_kw: [10, 40] },
  ders: [
    { der_id: 'BAT-1', provider: 'tesla-vpp', kind: 'battery', max_kw: 12, price_gbp_per_kwh: 0.21, reliability: 0.97 },
    { der_id: 'EV-1', provider: 'chargepoint', kind: 'ev_charger', max_kw: 12, price_gbp_per_kwh: 0.35, reliability: 0.9 },
    { der_id: 'LATE-1', provider: 'chargepoint', kind: 'ev_charger', max_kw: 12, notice_minutes: 600, price_gbp_per_kwh: 0.01 },
  ],
  shortfall_gbp_per_kwh: 6,
};

let model;
let server;
let browser;
let plan;
let asked;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  model = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ model: 'scripted-1', choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'No idea.' } }] }));
  });
  await new Promise((done) => model.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${model.address().port}/v1`;
  server = await Server.start(['--authority', 'propose', '--set', 'llm.enabled=true', '--set', `llm.url=${url}`, '--set', 'llm.model=sample']);
  const file = join(dirname(server.dataDir), 'manual.md');
  writeFileSync(file, manual);
  execFileSync(binary, ['knowledge', 'add', file, '--data-dir', server.dataDir]);
  browser = await launch();
  plan = await until(async () => (await server.json('/api/v1/plans?state=proposed')).plans[0], 60, 'a plan that waits');
  await until(async () => (await one()).copilot, 30, 'the verdict');
  const response = await fetch(`${server.url}/api/v1/plans`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request) });
  asked = await response.json();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  model?.close();
});

const one = () => server.json(`/api/v1/plans/${plan.plan_id}`);
const places = () => [
  ['plans', '/plans', '.plans-list table'],
  ['plan', `/plans/${plan.plan_id}`, '.plan-chart canvas'],
  ['plan-asked', `/plans/${asked.plan_id}`, '.plan-chart canvas'],
];

test('both pages come up clean in both themes, with no violation and nothing standing out at the side', async () => {
  const shown = ['dark', 'light'].flatMap((theme) =>
    places().flatMap(([name, path, ready]) => [1440, 768, 390].map((width) => ({ theme, name, path, ready, width }))),
  );
  await twoByTwo(shown, async ({ theme, name, path, ready, width }) => {
    const { context, page, seen } = await openPage(browser, { theme, width });
    await page.goto(server.url + path);
    await page.waitForSelector(ready);
    await page.waitForTimeout(800); // with live values
    assert.deepEqual(seen.console, [], `${name} wrote to the console`);
    assert.deepEqual(await violations(page), [], `${name}, ${theme}, ${width} px`);
    const sideways = await page.evaluate(() => {
      const content = document.querySelector('.plans, .plan-page');
      return Math.max(content.scrollWidth - content.clientWidth, content.getBoundingClientRect().right - window.innerWidth);
    });
    assert.ok(sideways <= 0, `${name}, ${width} px: ${sideways} px stand out at the side`);
    await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), fullPage: true });
    await context.close();
  });
});

test('a plan is found with the keyboard alone and says what it is for, who is asked and what the co-pilot came to', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/plans`);
  await page.waitForSelector('.plans-list table');
  const isPlanLink = () => page.evaluate((id) => document.activeElement?.getAttribute('href') === `/plans/${id}`, plan.plan_id);
  for (let stops = 0; !(await isPlanLink()); stops += 1) {
    assert.ok(stops < 60, 'no plan within 60 Tab stops');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForSelector('.plan-head h1');
  const whole = await one();
  assert.match(await page.locator('.plan-head h1').innerText(), new RegExp(plan.feeder_id));
  assert.equal(await page.locator('[data-plan-state]').getAttribute('data-plan-state'), 'proposed');
  assert.match(await page.locator('[data-copilot-chip]').innerText(), /Deterministic plan used: llm_schema/);
  for (const action of whole.actions) {
    await page.getByRole('table', { name: 'Who is asked, at which price, and why' }).getByText(action.der_id, { exact: true }).waitFor();
  }
  await page.getByRole('button', { name: 'Table', exact: true }).click();
  const rows = page.getByRole('table', { name: 'Load without and with the plan, kW' }).getByRole('row');
  assert.equal(await rows.count(), whole.fan.with_kw.length + 1);
  await page.getByText('What may still go wrong').waitFor();
  await context.close();
});

test('a citation opens the passage it stands in', async () => {
  await until(async () => (await one()).rule_refs.length > 0, 30, 'citations');
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/plans/${plan.plan_id}`);
  await page.getByText('read the passage').first().click();
  await page.waitForSelector('.plan-passage');
  assert.match(await page.locator('.plan-passage').innerText(), /continuous thermal rating/);
  await context.close();
});

test('plans are reached from the event, and the list is narrowed in the URL', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/events/${plan.event_id}`);
  await page.getByRole('link', { name: `Open plan ${plan.round}` }).click();
  await page.waitForSelector('.plan-head h1');
  assert.equal(new URL(page.url()).pathname, `/plans/${plan.plan_id}`);
  await page.getByRole('link', { name: 'all its plans' }).click();
  await page.waitForSelector('.plans-list table');
  assert.equal(new URL(page.url()).searchParams.get('feeder'), plan.feeder_id);
  await page.locator('.plans-filter').getByLabel('State').selectOption('rejected');
  await page.getByText('There is no such plan').waitFor();
  await page.goto(`${server.url}/plans/ev-20000101-nothing.1`);
  await page.getByText('There is no such plan').waitFor();
  await context.close();
});

test('what was handed in is shown and cannot be judged; what waits is approved by Space, with a reason, bound to its hash', async () => {
  const { context, page } = await openPage(browser);
  await page.goto(`${server.url}/plans/${asked.plan_id}`);
  await page.waitForSelector('.plan-head h1');
  assert.equal(await page.getByRole('button', { name: 'Approve…' }).count(), 0);
  await page.getByText('LATE-1').first().waitFor();

  await page.goto(`${server.url}/plans/${plan.plan_id}`);
  await page.getByRole('button', { name: 'Approve…' }).click();
  assert.equal(await page.locator('[data-bound-to]').innerText(), plan.sha256);
  assert.deepEqual(await violations(page), []);
  await page.screenshot({ path: join(pictures, 'plan-approve.png') });
  const confirm = page.getByRole('button', { name: 'Confirm: approve' });
  assert.equal(await confirm.isDisabled(), true, 'confirmed without a reason');
  await page.getByRole('textbox').fill('cold evening, offers look right');
  await confirm.focus();
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  assert.equal((await one()).state, 'proposed', 'Enter approved it');
  await page.keyboard.press('Space');
  await until(async () => (await one()).state === 'approved', 15, 'the approval');
  await page.waitForSelector('[data-plan-state=approved]');
  assert.match(await page.locator('.plan-head').innerText(), /offers look right/);
  await context.close();
});
