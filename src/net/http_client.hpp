#pragma once

#include "core/async.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headroom::net {

/// The head of an answer holds at most this many bytes.
inline constexpr std::uint32_t response_header_bytes_max = 64U * 1024;

/// When a request is sent again. A connection that could not be made is tried again for every method, because
/// nothing was sent; a broken connection, 429, 500, 502, 503 and 504 only where a repeat does no harm.
struct RetryPolicy {
    int attempts = 1;                   ///< in all; 1 = never again
    std::int64_t first_delay_ms = 100;  ///< doubled each time; Retry-After wins when it is longer
    std::int64_t delay_ms_max = 5000;
    bool allow_repeat = false;  ///< the peer recognises a repeat: POST and PATCH may be sent again too
};

struct ClientRequest {
    std::string method = "GET";
    std::string url;  ///< http:// or https://
    Headers headers;
    std::string body;
    std::int64_t deadline_ms = 10'000;  ///< for everything: waiting, retries, redirects, the whole body
    std::size_t max_response_bytes = 4UL * 1024 * 1024;  ///< of the body, after decompression
    RetryPolicy retry;
    int redirects = 0;  ///< how many to follow, and only to the same scheme, host and port (GET and HEAD)
    bool compressed = false;  ///< accept a compressed answer
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
    int attempts = 1;
    double elapsed_ms = 0.0;
};

struct ClientSettings {
    /// Targets that may be reached although their address is loopback, private or link-local: "host:port" as
    /// in the URL, or "host:*". Everything else of that kind is refused after the name was resolved, so that
    /// a URL from outside cannot make us talk to our own network.
    std::vector<std::string> allow_private;
    std::string user_agent = "headroom/" HEADROOM_VERSION;
    std::string proxy;    ///< "http://proxy:3128"; empty: none, whatever the environment says
    std::string ca_file;  ///< PEM bundle; empty: the system's
    std::size_t connections_per_host = 64;
    std::size_t requests_max = 10'000;  ///< in hand at once; more are refused with `unavailable`
};

/// HTTP requests to others, over a pool of kept connections (libcurl): on the io_context of its callers,
/// which costs no change of thread, or on a thread of its own. Any thread may send. It must be destroyed
/// while the executors of its callers still live; one on an io_context on that context's thread, or while it
/// stands.
///
/// Errors of every call: `invalid` (URL, method, header, an answer longer than allowed), `denied` (an address
/// that is not public, a redirect elsewhere, a certificate that does not hold), `unavailable` (no
/// connection), `timeout`. An answer of any status is a value, not an error.
class HttpClient {
  public:
    /// On a thread of its own.
    explicit HttpClient(ClientSettings settings = {});
    /// On the io_context behind `executor`; `send_wait` is then for other threads only.
    HttpClient(asio::any_io_executor executor, ClientSettings settings);
    /// Requests in hand end with `unavailable`.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Awaitable<Result<ClientResponse>> send(ClientRequest request);
    /// The same, blocking: for the command line, never on the io_context thread.
    Result<ClientResponse> send_wait(ClientRequest request);
    /// No request of `send` is open. Any thread.
    [[nodiscard]] bool idle() const;
    /// Adds to `ClientSettings::allow_private`.
    void allow_private(std::string_view target);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headroom::net
