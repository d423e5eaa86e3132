#pragma once

#include "core/json.hpp"
#include "net/http_client.hpp"
#include "store/influx.hpp"
#include "store/influx_queue.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::store::influx {

/// No answer is longer, in bytes.
inline constexpr std::size_t answer_bytes_max = 1UL << 30;

/// The requests of the 1.x and 2.x write APIs, and what their answers mean.
class Wire {
  public:
    /// Errors: `invalid` for a URL that is not http:// or https://, or that names a path or a user.
    [[nodiscard]] static Result<Wire> make(InfluxOptions options);

    /// POST /write?db=…&precision=ms, or /api/v2/write?org=…&bucket=…&precision=ms; the body gzipped.
    [[nodiscard]] Result<net::ClientRequest> write(std::string_view lines) const;
    /// POST /query with InfluxQL; times in answers are milliseconds.
    [[nodiscard]] net::ClientRequest query(std::string_view influx_ql) const;
    /// "host:port", for the client's list of private addresses: whoever set the URL meant it.
    [[nodiscard]] const std::string& target() const { return target_; }
    [[nodiscard]] bool is_v2() const { return !options_.bucket.empty(); }
    [[nodiscard]] const InfluxOptions& options() const { return options_; }
    [[nodiscard]] const std::string& database() const {
        return is_v2() ? options_.bucket : options_.database;
    }

  private:
    Wire(InfluxOptions options, std::string target)
        : options_(std::move(options)), target_(std::move(target)) {}
    void authorise(net::ClientRequest& request) const;

    InfluxOptions options_;
    std::string target_;
};

/// A client that may reach the server wherever it stands.
[[nodiscard]] net::ClientSettings client_for(const Wire& wire);

/// What the answer to a write means. A request that was not answered may be tried again.
[[nodiscard]] Answer answer_of(const Result<net::ClientResponse>& response);
/// The server does not know the database yet.
[[nodiscard]] bool is_database_missing(const Result<net::ClientResponse>& response);
/// The server's own words, at most 300 bytes.
[[nodiscard]] std::string fault_text(const net::ClientResponse& response);

/// `"name"` and `'text'` as InfluxQL wants them.
[[nodiscard]] std::string quoted_name(std::string_view name);
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace headroom::store::influx
