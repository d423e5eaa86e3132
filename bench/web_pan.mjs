#!/usr/bin/env node
// Frames per second while the map of 5,000 feeders is dragged and every feeder's load changes once a second. Prints one JSON object.
//
//   bench/web_pan.mjs [--feeders 5000] [--seconds 10]
//   HEADROOM_BINARY, CHROMIUM      other places for the two programs
import { cpus } from 'node:os';
import { chromiumPath, launch, openPage, Server, until } from '../tests/web/support.mjs';

function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) {
    console.error(`--${name} needs a whole number above 0`);
    process.exit(2);
  }
  return value;
}

const feeders = option('feeders', 5000);
const seconds = option('seconds', 10);
const size = { width: 1440, height: 900 };

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Drags in circles around the map's middle; every step is one pointer event, as a hand makes them. */
async function drag(page, box, ms) {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const radius = Math.min(box.width, box.height) / 3;
  await page.mouse.move(middle.x + radius, middle.y);
  await page.mouse.down();
  const start = performance.now();
  for (let now = start; now - start < ms; now = performance.now()) {
    const angle = ((now - start) / 2000) * 2 * Math.PI;
    await page.mouse.move(middle.x + radius * Math.cos(angle), middle.y + radius * Math.sin(angle));
  }
  await page.mouse.up();
}

async function measure(page) {
  const box = await page.locator('.map').boundingBox();
  await page.evaluate(() => {
    window.frameTimes = [];
    const note = (at) => {
      window.frameTimes.push(at);
      window.frameTimer = requestAnimationFrame(note);
    };
    window.frameTimer = requestAnimationFrame(note);
  });
  await drag(page, box, seconds * 1000);
  const times = await page.evaluate(() => {
    cancelAnimationFrame(window.frameTimer);
    return window.frameTimes;
  });
  const lengths = times.slice(1).map((at, index) => at - times[index]);
  return lengths.sort((a, b) => a - b);
}

if (!chromiumPath) {
  console.error('no Chromium found. Remedy: apt-get install chromium, or CHROMIUM=/path/to/chromium');
  process.exit(1);
}
const server = await Server.start(['--feeders', String(feeders)]);
const browser = await launch();
/** A server that has just started reads its history first; the page's time is not the server's. */
async function isAtRest() {
  const asked = performance.now();
  await server.json('/api/v1/feeders?limit=1000');
  return performance.now() - asked < 250;
}

try {
  await until(isAtRest, 120, 'a server at rest');
  const { page } = await openPage(browser, { theme: 'dark', ...size });
  let updates = 0;
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      updates += String(payload).startsWith('{"topic":"feeders"') ? 1 : 0;
    });
  });
  await page.goto(server.url);
  await page.waitForSelector('.map canvas');
  const readyMs = await page.evaluate(() => performance.now());
  await until(() => updates >= 2, 30, 'two updates of all feeders');
  const before = updates;
  const lengths = await measure(page);
  const result = {
    bench: 'web.pan',
    feeders,
    seconds,
    updates_per_s: Number(((updates - before) / seconds).toFixed(2)),
    frames: lengths.length,
    fps_median: Number((1000 / quantile(lengths, 0.5)).toFixed(1)),
    fps_p5: Number((1000 / quantile(lengths, 0.95)).toFixed(1)),
    longest_frame_ms: Number(lengths.at(-1).toFixed(1)),
    page_ready_ms: Math.round(readyMs),
    browser: browser.version(),
    cpus: cpus().length,
    viewport: `${size.width}x${size.height}`,
    gpu: false,
  };
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
  await server.stop();
}
