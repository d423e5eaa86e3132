#pragma once

#include "app/run_status.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "net/url.hpp"

#include <cstdint>
#include <ios>
#include <optional>
#include <string>

namespace headroom::app {

/// Bytes of a file that a command sends to a server, at most.
inline constexpr std::streamsize sent_file_max = 1 << 20;

/// What a server answered, whether it agreed or not.
struct DeskReply {
    int status = 0;
    json::Value body;
    [[nodiscard]] bool is_done() const { return status >= 200 && status < 300; }
    /// "the server answered 409: …", of a refusal.
    [[nodiscard]] std::string refusal() const;
};

/// A running server as a command of the shell talks to it.
class DeskServer {
  public:
    /// By --server, $HEADROOM_SERVER, the data directory or the settings, with the key of --key-file or
    /// $HEADROOM_KEY. Errors: `invalid` for an address that is none, those of the key file.
    static Result<DeskServer> find(const StatusCommand& command);

    /// One request. A body makes it JSON, under an Idempotency-Key of its own. Errors: those of the client;
    /// `invalid` when no JSON came back.
    Result<DeskReply> ask(const std::string& method, const std::string& path,
                          const std::optional<json::Object>& body = std::nullopt) const;
    /// The list `name` of all pages, `query` being "?a=b" or empty. At most a hundred pages of a thousand.
    /// Errors: as `ask`; a refusal is answered as it came.
    Result<DeskReply> ask_all(const std::string& path, const std::string& query,
                              const std::string& name) const;

  private:
    DeskServer(net::Url url, std::string key) : url_(std::move(url)), key_(std::move(key)) {}
    net::Url url_;
    std::string key_;
};

/// The items of the list `name`; none when there is no such list.
[[nodiscard]] const json::Array& list_of(const json::Value& value, std::string_view name);

}  // namespace headroom::app
