// The plain first page: reads /api/v1/state once a second and follows /api/v1/stream. It only shows; it changes nothing.
'use strict';

const pollEveryMs = 1000;
const staleAfterMs = 4000;
const requestTimeoutMs = 3000;
const readingOldAfterMs = 15 * 60 * 1000;
const tightestShown = 25;
const logShown = 200;

const byId = (id) => document.getElementById(id);
const zone = 'Europe/London';
const timeUtc = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC', weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit',
});
const timeLocal = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
});
const hourLocal = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
const secondLocal = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit',
});

let state = null;
let receivedAt = 0;
let newestReading = null;
let stream = null;
let lastSeq = 0;

// Numbers. A missing one is a dash, never a zero.
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const fixed = (value, digits) => (isNumber(value) ? value.toFixed(digits) : '–');

function duration(ms) {
  if (!isNumber(ms)) {
    return '–';
  }
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function instant(text) {
  const value = Date.parse(text);
  return Number.isNaN(value) ? null : value;
}

function element(name, { className, text, attributes } = {}, children = []) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  for (const [key, value] of Object.entries(attributes || {})) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function setText(id, text) {
  const node = byId(id);
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

// Levels of a feeder, by headroom over limit.
function levelOf(feeder) {
  if (!isNumber(feeder.headroom_kw) || !isNumber(feeder.limit_kw) || feeder.limit_kw <= 0) {
    return { className: '', word: 'unknown' };
  }
  const share = feeder.headroom_kw / feeder.limit_kw;
  if (share < 0) {
    return { className: 'constrained', word: 'over' };
  }
  if (share < 0.1) {
    return { className: 'tight', word: 'below 10 %' };
  }
  return share < 0.25 ? { className: 'near', word: 'below 25 %' } : { className: '', word: 'normal' };
}

function loadingBar(feeder) {
  const make = (name, attributes) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, String(value));
    }
    return node;
  };
  const share = isNumber(feeder.load_kw) && feeder.limit_kw > 0 ? feeder.load_kw / feeder.limit_kw : 0;
  const limitAt = 120;
  const width = Math.max(0, Math.min(149, share * limitAt));
  const svg = make('svg', { class: 'loading', viewBox: '0 0 150 12', role: 'img', 'aria-label': `${Math.round(share * 100)} % of the limit` });
  svg.append(
    make('rect', { class: 'track', x: 0.5, y: 0.5, width: 149, height: 11 }),
    make('rect', { class: 'load', x: 1, y: 1, width, height: 10 }),
    make('line', { class: 'limit', x1: limitAt, x2: limitAt, y1: 0, y2: 12 }),
  );
  return svg;
}

function cells(row, parts) {
  for (const part of parts) {
    row.append(part instanceof Node ? part : element('td', part));
  }
  return row;
}

function shapeAndWord(word) {
  return element('td', {}, [
    element('span', { className: 'level' }, [
      element('span', { className: 'shape', attributes: { 'aria-hidden': 'true' } }),
      element('span', { className: 'word', text: word }),
    ]),
  ]);
}

function feederRow(feeder, now) {
  const level = levelOf(feeder);
  const at = instant(feeder.at);
  const age = at === null || now === null ? null : now - at;
  const isOld = age !== null && age > readingOldAfterMs;
  const row = element('tr', { className: `${level.className}${isOld ? ' old' : ''}` });
  return cells(row, [
    shapeAndWord(level.word),
    element('td', { className: 'place', text: feeder.feeder_id }, [element('small', { text: feeder.name || '' })]),
    { text: feeder.phase },
    { className: 'number', text: fixed(feeder.load_kw, 1) },
    { className: 'number', text: fixed(feeder.limit_kw, 1) },
    { className: 'number', text: fixed(feeder.headroom_kw, 1) },
    element('td', {}, [loadingBar(feeder)]),
    { className: 'number', text: (isOld ? 'stale ' : '') + duration(age) },
  ]);
}

function eventClass(event) {
  if (event.alarmed || event.state === 'failed' || event.outcome === 'shortfall') {
    return 'constrained';
  }
  return ['proposed', 'approved', 'armed', 'notified', 'active'].includes(event.state) ? 'tight' : '';
}

function windowOf(event) {
  const start = instant(event.start);
  const end = instant(event.end);
  return start === null || end === null ? '–' : `${hourLocal.format(start)}–${hourLocal.format(end)}`;
}

function eventRow(event) {
  const row = element('tr', { className: eventClass(event) });
  const settled = isNumber(event.statement_gbp) && event.statement_gbp > 0;
  const outcome = [event.outcome, event.shortfall_kw > 0 ? `${fixed(event.shortfall_kw, 1)} kW short` : '']
    .filter(Boolean).join(', ');
  return cells(row, [
    shapeAndWord(event.state),
    element('td', {}, [
      element('a', { text: event.event_id, attributes: { href: `/api/v1/events/${encodeURIComponent(event.event_id)}` } }),
    ]),
    { text: `${event.feeder_id} ${event.phase}` },
    { text: `${event.cause}, ${event.level}` },
    { text: windowOf(event) },
    { className: 'number', text: fixed(event.required_kw, 1) },
    { className: 'number', text: fixed(event.contracted_kw, 1) },
    { className: 'number', text: event.delivered_kw > 0 || settled ? fixed(event.delivered_kw, 1) : '–' },
    { className: 'number', text: fixed(settled ? event.statement_gbp : event.cost_gbp, 2) },
    { text: outcome || '–' },
  ]);
}

// A table is only drawn anew when its content differs, so that a selection or a reader's place is not lost.
const drawn = new Map();
function fill(id, key, rows, emptyText, columns) {
  if (drawn.get(id) === key) {
    return;
  }
  drawn.set(id, key);
  const body = byId(id);
  const focused = body.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  if (rows.length === 0) {
    body.replaceChildren(element('tr', {}, [
      element('td', { className: 'quiet', text: emptyText, attributes: { colspan: String(columns) } }),
    ]));
  } else {
    body.replaceChildren(...rows);
  }
  if (focused) {
    [...body.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus();
  }
}

function showCount(id, value) {
  setText(id, isNumber(value) ? String(value) : '–');
  byId(id).closest('li').classList.toggle('zero', value === 0);
}

function showHeader(now) {
  const mode = state.mode || {};
  setText('mode', `authority: ${mode.authority || 'unknown'}`);
  byId('simulated').hidden = !mode.simulated;
  if (mode.simulated) {
    const speed = isNumber(mode.speed) && mode.speed > 0 ? ` · up to ×${mode.speed}` : '';
    setText('simulated', `SIMULATED · seed ${mode.seed}${speed}`);
  }
  document.title = mode.simulated ? 'Headroom (simulated)' : 'Headroom';
  setText('clock-utc', now === null ? '–' : timeUtc.format(now));
  setText('clock-local', now === null ? '–' : timeLocal.format(now));
  const period = state.settlement_period;
  setText('clock-period', period ? `${period.date} SP ${period.number}` : '–');
}

function showTotals() {
  const counts = state.counts || {};
  showCount('count-constrained', counts.constrained);
  showCount('count-10', counts.below_10_percent);
  showCount('count-25', counts.below_25_percent);
  showCount('count-normal', counts.normal);
  setText('count-unknown', String(counts.unknown || 0));
  byId('unknown-item').hidden = !counts.unknown;
  const readings = state.readings || {};
  const audit = state.audit || {};
  const grouped = (value) => (isNumber(value) ? value.toLocaleString('en-GB') : '–');
  setText('ledger', `Readings ${grouped(readings.accepted)}, quarantined ${grouped(readings.quarantined)}. `
    + `Audit log ${grouped(audit.size)} entries, root ${String(audit.root || '–').slice(0, 12)}`
    + (audit.healthy === false ? ' — TAKES NO ENTRIES: nothing new is started.' : '.'));
}

function showTables(now) {
  const feeders = Array.isArray(state.feeders) ? state.feeders : [];
  const shown = byId('show-all').checked ? feeders : feeders.slice(0, tightestShown);
  setText('feeder-total', String(feeders.length));
  newestReading = feeders.reduce((newest, feeder) => {
    const at = instant(feeder.at);
    return at !== null && (newest === null || at > newest) ? at : newest;
  }, null);
  fill('feeders', JSON.stringify([shown, now]), shown.map((feeder) => feederRow(feeder, now)), 'No readings yet.', 8);
  const events = Array.isArray(state.events) ? state.events : [];
  fill('events', JSON.stringify(events), events.map(eventRow), 'None yet.', 10);
}

function show() {
  if (state === null) {
    return;
  }
  const now = instant(state.now);
  showHeader(now);
  showTotals();
  showTables(now);
  setText('data-age', newestReading === null || now === null ? '–' : duration(now - newestReading));
}

function showLink() {
  const silence = Date.now() - receivedAt;
  const isStale = receivedAt === 0 || silence > staleAfterMs;
  document.body.classList.toggle('stale', isStale);
  if (!isStale) {
    setText('link-text', 'live');
  } else if (receivedAt === 0) {
    setText('link-text', 'not connected');
  } else {
    // Whole tens of seconds, so that a screen reader is not told every second.
    const since = silence < 10000 ? '' : ` for ${duration(Math.floor(silence / 10000) * 10000)}`;
    setText('link-text', `stale${since}: the control room does not answer`);
    setText('data-age', `stale ${duration(silence)}`);
  }
}

async function poll() {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), requestTimeoutMs);
  try {
    const response = await fetch('/api/v1/state', {
      cache: 'no-store', signal: abort.signal, headers: { Accept: 'application/json' },
    });
    if (response.ok) {
      state = await response.json();
      receivedAt = Date.now();
      show();
      followAnewIfAnotherLog();
    }
  } catch (fault) {
    // Unreachable or unreadable: what is shown gets old, and showLink says so.
    if (fault.name !== 'AbortError' && !(fault instanceof TypeError) && !(fault instanceof SyntaxError)) {
      throw fault;
    }
  } finally {
    clearTimeout(timer);
    showLink();
    setTimeout(poll, pollEveryMs);
  }
}

function logEntry(entry) {
  const list = byId('log');
  const placeholder = list.querySelector('.quiet');
  if (placeholder) {
    placeholder.remove();
  }
  const at = instant(entry.at);
  const isAlarm = String(entry.type).startsWith('alarm') || entry.type === 'guard.refused';
  const text = (entry.data && entry.data.text) || entry.type;
  list.prepend(element('li', {}, [
    element('time', { text: at === null ? '–' : secondLocal.format(at), attributes: { datetime: entry.at || '' } }),
    element('span', { className: isAlarm ? 'alarm' : '', text }),
  ]));
  while (list.children.length > logShown) {
    list.lastElementChild.remove();
  }
  if (isAlarm) {
    setText('alarm', text);
  }
}

function follow() {
  stream = new EventSource('/api/v1/stream');
  const source = stream;
  source.addEventListener('message', (message) => {
    let entry;
    try {
      entry = JSON.parse(message.data);
    } catch {
      return; // not one of ours; the next one may be
    }
    // After a reconnect the server may tell again what was told.
    if (isNumber(entry.seq) && entry.seq <= lastSeq) {
      return;
    }
    lastSeq = isNumber(entry.seq) ? entry.seq : lastSeq;
    logEntry(entry);
  });
  source.addEventListener('error', () => {
    // The browser connects again by itself, except after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED && source === stream) {
      setTimeout(follow, 3000);
    }
  });
}

// A log that has become much shorter is another log: the control room was started anew. (An entry may be told a
// moment before it counts as durable.)
function followAnewIfAnotherLog() {
  const size = state && state.audit ? state.audit.size : undefined;
  if (isNumber(size) && size + 200 < lastSeq) {
    lastSeq = 0;
    byId('log').replaceChildren();
    stream.close();
    follow();
  }
}

byId('show-all').addEventListener('change', () => {
  show();
});
setInterval(showLink, 500);
poll();
follow();
