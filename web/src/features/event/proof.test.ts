import { describe, expect, it } from 'vitest';
import { checkpointOf, leafOf } from './proof';

describe('leafOf', () => {
  it('is the canonical entry with the version of its format', () => {
    const entry = { ts: 't', seq: 9, body: { b: 1, a: 'x' } };
    expect(leafOf({ entries: [entry] }, 9)).toBe('{"body":{"a":"x","b":1},"seq":9,"ts":"t","v":1}');
  });

  it('refuses another entry than the one asked for', () => {
    expect(() => leafOf({ entries: [{ seq: 8 }] }, 9)).toThrow('did not give entry 9');
    expect(() => leafOf({ entries: [] }, 9)).toThrow('did not give entry 9');
  });
});

describe('checkpointOf', () => {
  it('reads the signed note, not what is told beside it', () => {
    const note = `room\n3\n${'A'.repeat(43)}=\n\n— room xyz\n`;
    expect(checkpointOf({ note, size: 99, root: 'f'.repeat(64) })).toMatchObject({ size: 3, root: '0'.repeat(64) });
    expect(() => checkpointOf({ size: 99 })).toThrow('does not read');
  });
});
