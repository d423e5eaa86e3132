// What the browser tests and the pan bench share: the built binary on a port of the kernel's choice, stopped by its pid, and one Chromium.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binary = process.env.HEADROOM_BINARY ?? join(root, 'build', 'release', 'headroom');
export const chromiumPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));

/** Asks every 50 ms until `question` answers something; fails with `what` after `seconds`. */
export async function until(question, seconds, what) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what} did not come within ${seconds} s`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** `headroom serve --demo` in a data directory of its own. */
export class Server {
  static async start(options = [], { dataDir, port = 0 } = {}) {
    const server = new Server();
    server.ownsDir = dataDir === undefined;
    server.dataDir = dataDir ?? join(mkdtempSync(join(tmpdir(), 'headroom-web-')), 'data');
    server.options = options;
    const endpoint = join(server.dataDir, 'endpoint.json');
    rmSync(endpoint, { force: true });
    let said = '';
    server.process = spawn(binary, ['serve', '--demo', '--port', String(port), '--data-dir', server.dataDir, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [server.process.stdout, server.process.stderr]) {
      stream.on('data', (bytes) => {
        said = (said + bytes).slice(-4000);
      });
    }
    server.ended = new Promise((done) => server.process.once('exit', done));
    await until(
      () => {
        if (server.process.exitCode !== null) {
          throw new Error(`the server ended with ${server.process.exitCode}: ${said}`);
        }
        return existsSync(endpoint);
      },
      60,
      'the server',
    );
    const { url, port: given } = JSON.parse(readFileSync(endpoint, 'utf8'));
    server.url = url;
    server.port = given;
    return server;
  }

  async kill(signal = 'SIGKILL') {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
    }
    await this.ended;
  }

  /** The same data directory on the same port again. */
  startAgain() {
    return Server.start(this.options, { dataDir: this.dataDir, port: this.port });
  }

  async stop() {
    await this.kill('SIGTERM');
    rmSync(dirname(this.dataDir), { recursive: true, force: true });
  }

  async json(path) {
    const response = await fetch(this.url + path, { headers: { Accept: 'application/json' } });
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    }
    return response.json();
  }
}

export function launch(extra = []) {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...extra,
    ],
  });
}

/** A fresh profile in one theme, with what the page said and asked for written down. */
export async function openPage(browser, { theme = 'dark', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const seen = { console: [], requests: [] };
  page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (fault) => seen.console.push(`error: ${fault.message}`));
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('websocket', (socket) => seen.requests.push(socket.url()));
  return { context, page, seen };
}

/** Does `work` for each of `items`, two at a time: a page that waits for what it says late leaves the other room to draw. */
export async function twoByTwo(items, work) {
  const left = items.values();
  const hand = async () => {
    for (const item of left) {
      await work(item);
    }
  };
  await Promise.all([hand(), hand()]);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** Elements that break a rule, with what axe says of them. */
export async function violations(page) {
  await page.evaluate(axeSource);
  const { violations: found } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), axeTags);
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}
