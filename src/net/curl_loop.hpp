#pragma once

#include "net/curl_transfer.hpp"
#include "net/plain_http.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace headroom::net {

/// libcurl's transfers on an io_context: its sockets wait in the context's own reactor and its timer is one
/// of the context's, so that a request costs no change of thread. Everything but `submit` and `open` belongs
/// to the context's thread.
class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
  public:
    CurlLoop(asio::any_io_executor executor, ClientSettings settings);
    ~CurlLoop();
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    /// Any thread; on the context's own the first bytes leave before this returns. `done` is called once.
    void submit(ClientRequest request, CurlTransfer::Done done);
    /// Ends what is in hand with `unavailable` and takes nothing more.
    void close();

    PrivateTargets targets;

  private:
    using Transfer = std::unique_ptr<CurlTransfer>;

    /// A socket of libcurl's that the context watches; libcurl closes it.
    struct Watch {
        explicit Watch(const asio::any_io_executor& executor, int socket) : descriptor(executor, socket) {}
        asio::posix::stream_descriptor descriptor;
        int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT or both
        bool is_reading = false;
        bool is_writing = false;
    };

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
    static int on_timer(CURLM* multi, long timeout_ms, void* self);

    void begin(ClientRequest request, Url url, CurlTransfer::Done done);
    void add(Transfer transfer);
    void act(curl_socket_t socket, int ready);
    void collect();
    void finish(Transfer transfer, Result<ClientResponse> result);
    void begin_due();
    void watch(curl_socket_t socket, int what);
    void arm(curl_socket_t socket, const std::shared_ptr<Watch>& watched);
    void is_ready(curl_socket_t socket, const std::weak_ptr<Watch>& watched, int mask, bool is_faulty);
    void arm_timer();
    [[nodiscard]] std::optional<SteadyTime> next_due() const;

    asio::any_io_executor executor_;
    ClientSettings settings_;
    std::shared_ptr<PlainHttp> plain_;  ///< takes what needs no libcurl
    CURLM* multi_;
    asio::steady_timer timer_;
    std::optional<SteadyTime> timer_set_;  ///< when the timer that runs will fire
    std::optional<SteadyTime> curl_due_;   ///< when libcurl wants to be called again
    std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::map<CURL*, Transfer> running_;
    std::multimap<SteadyTime, Transfer> waiting_;  ///< by the time of their next attempt
    std::vector<CURL*> spare_;
    std::atomic<std::size_t> in_hand_{0};
    bool is_closed_ = false;
};

}  // namespace headroom::net
