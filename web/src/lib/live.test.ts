import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry, StateMessage } from './contract';
import { EventLog, type SocketLike, StateChannel, type Surroundings } from './live';

/** A server, its sockets and a clock that moves only when told. */
class World implements Surroundings {
  time = 0;
  sockets: (SocketLike & { url: string; closed: boolean })[] = [];
  private timers = new Map<number, { at: number; action: () => void }>();
  private lastTimer = 0;

  open(url: string): SocketLike {
    const socket = {
      url,
      closed: false,
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      close() {
        this.closed = true;
      },
    } as SocketLike & { url: string; closed: boolean };
    this.sockets.push(socket);
    return socket;
  }
  now(): number {
    return this.time;
  }
  setTimer(action: () => void, ms: number): number {
    this.lastTimer += 1;
    this.timers.set(this.lastTimer, { at: this.time + ms, action });
    return this.lastTimer;
  }
  clearTimer(timer: number): void {
    this.timers.delete(timer);
  }
  random(): number {
    return 1;
  }

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.timers.delete(due[0]);
      this.time = due[1].at;
      due[1].action();
    }
    this.time = until;
  }

  get socket() {
    const last = this.sockets[this.sockets.length - 1];
    if (!last) {
      throw new Error('no socket was opened');
    }
    return last;
  }
  say(message: unknown): void {
    this.socket.onopen?.();
    this.socket.onmessage?.({ data: JSON.stringify(message) });
  }
}

const entry = (seq: number) => ({ seq, at: '', type: 'order.contracted', data: { event_id: null, text: '' } });

describe('EventLog', () => {
  let world: World;
  let seen: number[];
  let resets: number;
  let log: EventLog;

  beforeEach(() => {
    world = new World();
    seen = [];
    resets = 0;
    log = new EventLog(world, {
      onEntry: (one: LogEntry) => seen.push(one.seq),
      onReset: () => {
        resets += 1;
      },
    });
    log.start();
  });

  it('starts at the end of the log and delivers what follows', () => {
    expect(world.socket.url).toBe('/ws');
    world.say({ type: 'hello', seq: 40 });
    world.say(entry(41));
    world.say(entry(42));
    expect(seen).toEqual([41, 42]);
  });

  it('resumes from the last entry after a break, without gap and without double', () => {
    world.say({ type: 'hello', seq: 40 });
    world.say(entry(41));
    world.socket.onclose?.();
    world.advance(10_000);
    expect(world.socket.url).toBe('/ws?since=41');
    world.say(entry(41)); // a server that counts inclusively says it again
    world.say(entry(42));
    world.say(entry(43));
    expect(seen).toEqual([41, 42, 43]);
    expect(resets).toBe(0);
  });

  it('does not pass over a gap: it asks again from where the gap begins', () => {
    world.say({ type: 'hello', seq: 40 });
    world.say(entry(41));
    world.say(entry(44));
    expect(seen).toEqual([41]);
    world.advance(10_000);
    expect(world.socket.url).toBe('/ws?since=41');
    for (const seq of [42, 43, 44]) {
      world.say(entry(seq));
    }
    expect(seen).toEqual([41, 42, 43, 44]);
  });

  it('reads everything anew when the server skips the same gap twice', () => {
    world.say({ type: 'hello', seq: 40 });
    world.say(entry(44));
    world.advance(10_000);
    world.say(entry(44));
    expect(resets).toBe(1);
    world.advance(10_000);
    world.say(entry(44));
    expect(seen).toEqual([44]);
  });

  it('reads everything anew after a snapshot and goes on where it says', () => {
    world.say({ type: 'hello', seq: 40 });
    world.say({ type: 'snapshot', seq: 20_000 });
    world.say(entry(20_000));
    world.say(entry(20_001));
    expect(resets).toBe(1);
    expect(seen).toEqual([20_000, 20_001]);
  });

  it('reads everything anew when another, shorter log answers', () => {
    world.say({ type: 'hello', seq: 40 });
    world.socket.onclose?.();
    world.advance(10_000);
    world.say({ type: 'hello', seq: 3 });
    world.say(entry(4));
    expect(resets).toBe(1);
    expect(seen).toEqual([4]);
  });

  it('ignores what an abandoned socket still says', () => {
    world.say({ type: 'hello', seq: 40 });
    const old = world.socket;
    const say = old.onmessage;
    old.onclose?.();
    say?.({ data: JSON.stringify(entry(41)) });
    expect(seen).toEqual([]);
  });

  it('ignores what is no message of ours', () => {
    world.say({ type: 'hello', seq: 40 });
    world.socket.onmessage?.({ data: '{"seq": 41' });
    world.socket.onmessage?.({ data: new ArrayBuffer(4) });
    world.say({ seq: 'x' });
    expect(seen).toEqual([]);
    expect(log.seq).toBe(40);
  });

  it('waits longer between attempts, up to 4 s', () => {
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const count = world.sockets.length;
      const before = world.time;
      world.socket.onclose?.();
      while (world.sockets.length === count) {
        world.advance(50);
      }
      waits.push(world.time - before);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  });
});

describe('StateChannel', () => {
  let world: World;
  let live: boolean[];
  let messages: StateMessage[];
  let channel: StateChannel;

  beforeEach(() => {
    world = new World();
    live = [];
    messages = [];
    channel = new StateChannel(world, {
      onState: (message) => messages.push(message),
      onLive: (now) => live.push(now),
    });
    channel.start();
    world.say({ topic: 'layout', version: 1, feeder_ids: ['F-1'] });
  });

  it('is live with the first message', () => {
    expect(live).toEqual([true]);
    expect(messages).toHaveLength(1);
  });

  it('stays live while the server speaks once a second', () => {
    for (let second = 0; second < 60; second += 1) {
      world.advance(1000);
      world.say({ topic: 'feeders' });
    }
    expect(live).toEqual([true]);
  });

  it('is stale within 5 s of silence, not before 4 s, even if the socket stays open', () => {
    world.advance(4_000);
    expect(live).toEqual([true]);
    world.advance(1_000);
    expect(live).toEqual([true, false]);
  });

  it('does not blink when the server is back within 4 s', () => {
    world.socket.onclose?.();
    world.advance(2_000);
    world.say({ topic: 'feeders' });
    expect(live).toEqual([true]);
  });

  it('gives up a silent socket and is live again with the next word', () => {
    const silent = world.socket;
    world.advance(6_000);
    expect(silent.closed).toBe(true);
    expect(world.socket).not.toBe(silent);
    world.say({ topic: 'feeders' });
    expect(live).toEqual([true, false, true]);
  });

  it('opens no socket after it was stopped', () => {
    channel.stop();
    const count = world.sockets.length;
    world.advance(60_000);
    expect(world.sockets).toHaveLength(count);
  });
});
