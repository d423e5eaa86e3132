#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::net {

/// Turns the bytes of one connection into requests, one after another. Beast's parser does the grammar; this
/// keeps its headers away from everyone else.
class RequestParser {
  public:
    explicit RequestParser(std::size_t header_bytes);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    /// Makes ready for the next request.
    void reset();

    /// Parses up to the end of the header, or afterwards up to the end of the message, and answers how many
    /// bytes it used; the rest must be offered again with what follows. After a fault nothing is used.
    std::size_t put(std::string_view bytes);

    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;
    /// The status to refuse the message with, when it is at fault: 400, 413, 431, 501 or 505.
    [[nodiscard]] std::optional<int> fault() const;
    /// What is wrong with it, as a sentence.
    [[nodiscard]] const std::string& fault_text() const;

    /// Where body bytes go from now on; more than `limit` over the whole message is fault 413.
    void body_to(std::string* sink, std::uint64_t limit);

    /// Method, target and headers; valid once `header_done`. May be moved from.
    [[nodiscard]] Request& request();
    [[nodiscard]] std::optional<std::uint64_t> content_length() const;
    [[nodiscard]] bool chunked() const;
    [[nodiscard]] bool keep_alive() const;
    /// A WebSocket upgrade is asked for.
    [[nodiscard]] bool wants_websocket() const;
    /// The client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool expects_continue() const;
    [[nodiscard]] bool is_http_1_0() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
