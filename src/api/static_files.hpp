#pragma once

#include "net/http_server.hpp"

#include <span>
#include <string>
#include <string_view>

namespace headroom::api {

/// One file of the pages, embedded at build time. Views into the binary; empty where a form was not smaller.
struct WebFile {
    std::string_view path;  ///< "/index.html", "/assets/index-3fa1.js"
    std::string_view type;  ///< Content-Type
    std::string_view etag;  ///< of the plain bytes, without quotes
    std::string_view plain;
    std::string_view gzip;
    std::string_view brotli;
};

/// Every file of the pages, by path. Made by web/scripts/embed.mjs.
[[nodiscard]] std::span<const WebFile> web_files();

/// The file of that path among `files`; nullptr when there is none.
[[nodiscard]] const WebFile* find_web_file(std::span<const WebFile> files, std::string_view path);

/// The answer that carries `file`: brotli, gzip or plain as the request accepts, 304 when it has these bytes
/// already.
///
/// Files under /assets/ are named by their content and may be kept for a year; others are asked for each
/// time. Pages carry a content policy that allows nothing but this server's own scripts and styles. No I/O.
[[nodiscard]] net::Response file_response(const WebFile& file, const net::Request& request);

/// Whether an Accept-Encoding field allows `coding`: named, or by `*`, and not with q=0. Source: RFC 9110
/// §12.5.3.
[[nodiscard]] bool accepts_coding(std::string_view field, std::string_view coding);

/// `/`, the pages' own addresses, and their files. `/` answers JSON to who does not ask for HTML. Unknown
/// files are 404.
void add_pages(net::HttpServer& server);

}  // namespace headroom::api
