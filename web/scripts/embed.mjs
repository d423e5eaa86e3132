// node embed.mjs DIST OUT: the built pages as one binary file and a table of what lies where in it.
// OUT/web_files.bin holds every file plain and, where that is smaller, as gzip and brotli; OUT/web_files.cpp is
// the table that src/api/static_files.hpp describes. The bytes reach the linker by .incbin, so compiling stays fast.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [dist, out] = process.argv.slice(2);
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};
const isText = (type) => !/^(image\/png|font)/.test(type);

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

const pieces = [];
let length = 0;
function put(bytes) {
  const at = length;
  pieces.push(bytes);
  length += bytes.length;
  return { at, size: bytes.length };
}

const rows = walk(dist)
  .map((file) => ({ file, path: `/${relative(dist, file).split(sep).join('/')}` }))
  .sort((a, b) => (a.path < b.path ? -1 : 1))
  .map(({ file, path }) => {
    const type = types[extname(path)];
    if (!type) {
      throw new Error(`${path}: no media type for ${extname(path)}; add it to web/scripts/embed.mjs`);
    }
    const plain = readFileSync(file);
    const none = { at: 0, size: 0 };
    const smaller = (bytes) => (bytes.length < plain.length ? put(bytes) : none);
    const gzip = isText(type) ? smaller(gzipSync(plain, { level: 9 })) : none;
    const brotli = isText(type)
      ? smaller(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }))
      : none;
    const etag = createHash('sha256').update(plain).digest('hex').slice(0, 32);
    const place = ({ at, size }) => `bytes(${at}, ${size})`;
    return `        WebFile{"${path}", "${type}", "${etag}", ${place(put(plain))}, ${place(gzip)}, ${place(brotli)}},`;
  });

const blob = Buffer.concat(pieces);
const hash = createHash('sha256').update(blob).digest('hex');
mkdirSync(out, { recursive: true });
const binary = join(out, 'web_files.bin');
writeFileSync(binary, blob);
writeFileSync(
  join(out, 'web_files.cpp'),
  `// Made by web/scripts/embed.mjs; do not edit. Bytes: sha256 ${hash}
#include "api/static_files.hpp"

#include <array>
#include <cstddef>

__asm__(
    ".section .rodata\\n"
    ".global headroom_web_files\\n"
    ".balign 16\\n"
    "headroom_web_files:\\n"
    ".incbin \\"${binary}\\"\\n"
    ".byte 0\\n"
    ".previous\\n");
extern "C" const char headroom_web_files[];  // NOLINT

namespace headroom::api {
namespace {

std::string_view bytes(std::size_t at, std::size_t size) {
    return {headroom_web_files + at, size};
}

}  // namespace

std::span<const WebFile> web_files() {
    static const std::array<WebFile, ${rows.length}> files{
${rows.join('\n')}
    };
    return files;
}

}  // namespace headroom::api
`,
);
