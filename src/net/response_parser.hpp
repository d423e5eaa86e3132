#pragma once

#include "net/http_client.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace headroom::net {

/// Turns the bytes of one connection into answers, one after another. Beast's parser does the grammar; this
/// keeps its headers away from everyone else.
class ResponseParser {
  public:
    ResponseParser();
    ~ResponseParser();
    ResponseParser(const ResponseParser&) = delete;
    ResponseParser& operator=(const ResponseParser&) = delete;

    /// Makes ready for the answer to one request. `is_head`: it will have no body whatever its header says.
    void begin(std::size_t body_max, bool is_head);

    enum class State {
        open,       ///< more bytes are needed
        whole,      ///< the answer stands in `response`
        too_long,   ///< header or body are longer than allowed
        malformed,  ///< no HTTP answer
    };
    /// Takes what has arrived and answers how many bytes it used; the rest must be offered again with what
    /// follows.
    std::size_t put(std::string_view bytes);
    /// The peer has closed its side: ends a body that lasts until then.
    void put_end();

    [[nodiscard]] State state() const;
    /// Whether any byte of the answer has been taken.
    [[nodiscard]] bool has_begun() const;
    /// The connection may serve another request after this answer.
    [[nodiscard]] bool keep_alive() const;
    /// Valid once `whole`; may be moved from.
    [[nodiscard]] ClientResponse& response();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
