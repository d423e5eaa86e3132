// @vitest-environment node
import { describe, expect, it } from 'vitest';
import {
  type Bytes,
  canonical,
  checkInclusion,
  leafHash,
  ProofFault,
  readCheckpoint,
  rootFromPath,
  toHex,
} from './merkle';

async function node(left: Bytes, right: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from([1, ...left, ...right])));
}

/** Root and path straight from the definition in docs/formats/audit.md. */
async function tree(leaves: Bytes[], index: number): Promise<{ root: Bytes; path: Bytes[] }> {
  const [only] = leaves;
  if (leaves.length === 1 && only) {
    return { root: only, path: [] };
  }
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const inLeft = index < k;
  const left = await tree(leaves.slice(0, k), inLeft ? index : 0);
  const right = await tree(leaves.slice(k), inLeft ? 0 : index - k);
  const path = inLeft ? [...left.path, right.root] : [...right.path, left.root];
  return { root: await node(left.root, right.root), path };
}

const entries = Array.from({ length: 13 }, (_, index) => canonical({ v: 1, seq: index, body: { note: `n${index}` } }));

describe('rootFromPath', () => {
  it('finds the root for every entry of every log of up to 13 entries', async () => {
    for (let size = 1; size <= entries.length; size += 1) {
      const leaves = await Promise.all(entries.slice(0, size).map(leafHash));
      for (let index = 0; index < size; index += 1) {
        const { root, path } = await tree(leaves, index);
        const leaf = leaves[index] as Bytes;
        expect(toHex(await rootFromPath(leaf, index, size, path))).toBe(toHex(root));
      }
    }
  });

  it('refuses an index outside, hashes missing and hashes left over', async () => {
    const leaves = await Promise.all(entries.slice(0, 5).map(leafHash));
    const { path } = await tree(leaves, 2);
    const leaf = leaves[2] as Bytes;
    await expect(rootFromPath(leaf, 5, 5, path)).rejects.toThrow(ProofFault);
    await expect(rootFromPath(leaf, 2, 5, path.slice(0, -1))).rejects.toThrow('missing');
    await expect(rootFromPath(leaf, 2, 5, [...path, leaf])).rejects.toThrow('left over');
  });
});

describe('checkInclusion', () => {
  it('accepts the entry as it is and refuses one changed letter', async () => {
    const leaves = await Promise.all(entries.map(leafHash));
    const { root, path } = await tree(leaves, 7);
    const checkpoint = { origin: 'test', size: entries.length, root: toHex(root) };
    const proof = path.map(toHex);
    const entry = entries[7] as string;
    await expect(checkInclusion(entry, 7, proof, checkpoint)).resolves.toMatchObject({ index: 7, hashes: path.length });
    await expect(checkInclusion(entry.replace('n7', 'n8'), 7, proof, checkpoint)).rejects.toThrow('leads to root');
    await expect(checkInclusion(entry, 6, proof, checkpoint)).rejects.toThrow(ProofFault);
    await expect(checkInclusion(entry, 7, ['zz', ...proof.slice(1)], checkpoint)).rejects.toThrow('32 bytes');
  });
});

describe('leafHash', () => {
  it('is SHA-256 of a zero byte and the entry', async () => {
    // printf '\0{}' | sha256sum
    expect(toHex(await leafHash('{}'))).toBe('28a3a18f6cd6406b086e9ffda1f9b8a13dbcf44b0f3f32cb9031a11fd053acf9');
  });
});

describe('canonical', () => {
  it('sorts keys, keeps text and refuses what an entry cannot hold', () => {
    expect(canonical({ b: [1, null, true], a: { y: 'é"\n', x: -3 } })).toBe(
      '{"a":{"x":-3,"y":"é\\"\\n"},"b":[1,null,true]}',
    );
    expect(() => canonical({ kw: 1.5 })).toThrow(ProofFault);
  });
});

describe('readCheckpoint', () => {
  it('reads origin, size and root', () => {
    const root = `${'A'.repeat(43)}=`;
    expect(readCheckpoint(`room\n12\n${root}\n\n— room xyz\n`)).toEqual({
      origin: 'room',
      size: 12,
      root: '0'.repeat(64),
    });
    expect(() => readCheckpoint('room\n-1\nx')).toThrow(ProofFault);
  });
});
