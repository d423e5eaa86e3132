#pragma once

#include "agents/record_store.hpp"
#include "core/clock.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace headroom::api {

/// Whether `key` may stand in `Idempotency-Key`: 1 to 128 visible ASCII characters.
[[nodiscard]] bool is_idempotency_key(std::string_view key);

/// Answers to writes that carried an `Idempotency-Key`, kept for 24 hours in the record store, so that a
/// repeat gets the same answer and has no effect, also after a restart. A key belongs to its caller. Before
/// the first effect the key is written down; a repeat of one whose work was cut off is told so (409) instead
/// of being done twice. One io_context thread.
class Idempotency {
  public:
    static constexpr hours kept_for{24};

    Idempotency(std::function<agents::RecordStore&()> records, WallClock& wall)
        : records_(std::move(records)), wall_(wall) {}
    Idempotency(const Idempotency&) = delete;
    Idempotency& operator=(const Idempotency&) = delete;

    /// Runs the handler with keys observed: 422 for a key that is none or was used for another request, 409
    /// while the first one is worked on. Requests without a key, and dry runs, pass as they are.
    Awaitable<net::Response> run(net::Handler handler, net::Request request);

  private:
    struct Ticket {
        std::string id;      ///< of the record: caller and key, hashed
        std::string digest;  ///< of method, target and body
    };
    Awaitable<net::Response> work(Ticket ticket, net::Handler handler, net::Request request);
    /// The answer that is due for this ticket without any work; nothing when the work is to be done.
    Awaitable<std::optional<net::Response>> known(Ticket ticket, std::string path);
    Awaitable<Result<void>> keep(Ticket ticket, std::optional<net::Response> response);
    void forget_old();

    std::function<agents::RecordStore&()> records_;
    WallClock& wall_;
    std::set<std::string> running_;
    std::optional<UtcTime> swept_;
};

/// The handler of a write with keys observed.
[[nodiscard]] net::Handler observed(std::shared_ptr<Idempotency> once, net::Handler handler);

}  // namespace headroom::api
