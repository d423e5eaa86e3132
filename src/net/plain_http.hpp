#pragma once

#include "net/address_policy.hpp"
#include "net/http_client.hpp"
#include "net/input_buffer.hpp"
#include "net/response_parser.hpp"
#include "net/url.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::net {

/// How a request ends that its client does not outlive.
[[nodiscard]] Error client_closing();

/// Requests over plain HTTP/1.1 to an address that needs no look-up, over kept connections: what the market
/// and its providers say to each other inside one network. A question and its answer cost a write and a read;
/// whatever needs more (TLS, names, proxies, redirects, repeats, compression) is libcurl's.
///
/// Everything belongs to the thread of its io_context.
class PlainHttp : public std::enable_shared_from_this<PlainHttp> {
  public:
    using Done = std::function<void(Result<ClientResponse>)>;

    PlainHttp(asio::any_io_executor executor, const ClientSettings& settings, const PrivateTargets& targets);
    ~PlainHttp();
    PlainHttp(const PlainHttp&) = delete;
    PlainHttp& operator=(const PlainHttp&) = delete;

    /// Whether a request is of the simple kind. Any thread.
    [[nodiscard]] static bool fits(const ClientRequest& request, const Url& url,
                                   const ClientSettings& settings);
    /// Sends a request that fits and has been checked; its first bytes have left before this returns. `done`
    /// is called once. False, with nothing taken, when every connection to that host is in use.
    [[nodiscard]] bool send(ClientRequest& request, const Url& url, Done& done);
    /// Ends what is in hand with `unavailable` and closes every connection.
    void close();

  private:
    struct Exchange;
    using Place = std::list<std::unique_ptr<Exchange>>::iterator;
    struct Connection {
        explicit Connection(const asio::any_io_executor& executor) : socket(executor) {}
        asio::ip::tcp::socket socket;
        InputBuffer in;
        std::string out;
        ResponseParser parser;
        SteadyTime idle_since{};
        bool is_kept = false;  ///< has served a request before
        bool is_writing = false;
    };
    using Held = std::shared_ptr<Connection>;
    struct Host {
        std::vector<Held> idle;
        std::size_t open = 0;
    };

    void connect(Place place);
    void write(Place place);
    void go_on_writing(Exchange& exchange);
    void read(Exchange& exchange);
    void take(Exchange& exchange, std::size_t count, const boost::system::error_code& fault);
    void broken(Exchange& exchange, const boost::system::error_code& fault);
    void answer(Exchange& exchange);
    void finish(Exchange& exchange, Result<ClientResponse> result, bool may_keep);
    [[nodiscard]] Held take_idle(Host& host);
    void arm_timer();
    void end_late();
    [[nodiscard]] Error failure(const Exchange& exchange, const std::string& why) const;

    asio::any_io_executor executor_;
    const ClientSettings& settings_;
    const PrivateTargets& targets_;
    std::map<std::string, Host> hosts_;  ///< by "host:port"
    std::list<std::unique_ptr<Exchange>> running_;
    asio::steady_timer timer_;
    std::optional<SteadyTime> timer_set_;
    bool is_closed_ = false;
};

}  // namespace headroom::net
