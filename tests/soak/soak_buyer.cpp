#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "core/gather.hpp"
#include "core/log.hpp"
#include "net/http_server.hpp"
#include "sim/provider.hpp"
#include "soak/soak.hpp"
#include "store/ahead_file.hpp"

#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

namespace headroom::soak {

namespace {

constexpr milliseconds look_again{20};
/// A seller that is down is left alone by the market; the order is asked for again until it is back.
constexpr int attempts_max = 1000;
constexpr std::int64_t orders_per_search = 25;

agents::MarketOptions market_options(const Plan& plan) {
    agents::MarketOptions options;
    options.subscriber_id = buyer_id;
    options.key_id = buyer_key_id;
    options.callback_url = "http://127.0.0.1:" + std::to_string(plan.buyer_port) + "/beckn";
    options.ttl = message_ttl;
    options.search_window = milliseconds{300};
    options.step_deadline = milliseconds{plan.is_settling ? 5000 : 400};
    options.resend_backoff = milliseconds{5};
    options.cancel_again = milliseconds{200};
    options.cancel_again_max = milliseconds{1000};
    options.breaker.open_for = milliseconds{100};
    options.breaker.open_for_max = milliseconds{400};
    return options;
}

/// The buyer's process: a market with its stores and its door, and the orders that it makes.
class Buyer {
  public:
    explicit Buyer(const Plan& plan) : plan_(plan), server_(context_) {}

    Result<void> open();
    int run();

  private:
    Awaitable<void> start(std::optional<Result<void>>& result);
    Awaitable<void> work();
    Awaitable<void> make(std::int64_t order);
    Awaitable<void> settle();
    Awaitable<bool> is_open();
    Awaitable<void> pause(milliseconds length);
    void mark_done(std::int64_t order);
    [[nodiscard]] std::vector<agents::MarketPeer> peers() const;

    const Plan& plan_;
    asio::io_context context_;
    std::unique_ptr<DomainClock> clock_ = make_system_clock(context_);
    std::unique_ptr<WallClock> wall_ = make_system_wall_clock();
    InFlight in_flight_;
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<agents::RecordStore> records_;
    std::unique_ptr<agents::Journal> journal_;
    std::unique_ptr<net::HttpClient> http_;
    net::HttpServer server_;
    std::unique_ptr<agents::Market> market_;
    std::vector<bool> done_;
    std::int64_t next_ = 0;
    std::int64_t working_ = 0;
    int done_file_ = -1;
    int settled_file_ = -1;
};

std::vector<agents::MarketPeer> Buyer::peers() const {
    std::vector<agents::MarketPeer> all;
    for (const sim::ProviderSpec& spec : provider_specs(plan_)) {
        all.push_back({.id = spec.id,
                       .url = "http://127.0.0.1:" + std::to_string(plan_.seller_port) + "/bpp/" + spec.id,
                       .subscriber_id = spec.subscriber_id,
                       .key_id = "k1",
                       .public_key = sim::provider_key(plan_.seed, spec.id).public_key()});
    }
    return all;
}

Result<void> Buyer::open() {
    const std::filesystem::path folder = plan_.dir / "buyer";
    std::filesystem::create_directories(folder);
    audit::LogOptions options{.dir = folder / "audit",
                              .origin = "soak.example/audit",
                              .key = Ed25519KeyPair::from_secret(std::string(32, 'l')).value(),
                              .wall_clock = *wall_};
    auto log = audit::Log::open(std::move(options));
    if (!log) {
        return log.error();
    }
    log_ = std::move(*log);
    auto blobs = audit::BlobStore::open(folder / "blobs");
    if (!blobs) {
        return blobs.error();
    }
    blobs_ = std::make_unique<audit::BlobStore>(std::move(*blobs));
    auto kept = store::open_sqlite_records(folder / "records.db");
    if (!kept) {
        return kept.error();
    }
    auto ahead = store::AheadFile::open(folder / "records.ahead", **kept);
    if (!ahead) {
        return ahead.error();
    }
    records_ = std::make_unique<agents::RecordStore>(std::move(*kept), std::move(*ahead));
    journal_ = std::make_unique<agents::Journal>(context_.get_executor(), *log_, *blobs_, *records_);
    http_ = std::make_unique<net::HttpClient>(net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
    market_ =
        std::make_unique<agents::Market>(agents::Market::Parts{context_.get_executor(), *clock_, *wall_,
                                                               in_flight_, *http_, *journal_, buyer_key()},
                                         market_options(plan_), peers());
    auto door = [this](net::Request request) -> Awaitable<net::Response> {
        std::string action = request.path_parameter("action");
        return market_->on_callback(std::move(action), std::move(request));
    };
    server_.route("POST", "/beckn/{action}", std::move(door));
    done_ = done_orders(plan_);
    const std::filesystem::path done = plan_.dir / "done";
    done_file_ = ::open(done.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    const std::filesystem::path settled = plan_.dir / "settled";
    settled_file_ = ::open(settled.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    return done_file_ >= 0 && settled_file_ >= 0 ? Result<void>{}
                                                 : Error{Errc::unavailable, "no file of done orders", ""};
}

void Buyer::mark_done(std::int64_t order) {
    std::array<char, sizeof order> bytes{};
    std::memcpy(bytes.data(), &order, sizeof order);
    HEADROOM_ASSERT(::write(done_file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    done_[static_cast<std::size_t>(order)] = true;
}

Awaitable<void> Buyer::pause(milliseconds length) {
    const UtcTime due = clock_->now() + length;
    co_await wait_until(*clock_, due);
}

Awaitable<void> Buyer::make(std::int64_t order) {
    if (order % orders_per_search == 0) {
        risk::Overload overload;
        overload.event = EventId{"ev-soak-search-" + std::to_string(order)};
        overload.feeder = "LV-" + std::to_string(order % 16);
        overload.start = window_start(plan_);
        overload.end = overload.start + hours{1};
        overload.need = {overload.start, {10'000, 10'000}};
        static_cast<void>(co_await market_->search(std::move(overload)));
    }
    Result<flex::Contract> made = Error{Errc::conflict, "not asked", ""};
    const auto is_to_be_asked_again = [&made] {
        return made ? made->failure.starts_with("left alone") : made.error().code == Errc::conflict;
    };
    for (int attempt = 0; is_to_be_asked_again() && attempt < attempts_max; ++attempt) {
        if (attempt > 0) {
            co_await pause(look_again);
        }
        flex::Contract contract = wanted(plan_, order);
        made = co_await market_->contract(std::move(contract));
    }
    if (!made) {
        log::error("an order could not be made", {{"error", made.error().message}});
        co_return;  // tried again by the next process
    }
    if (made->state == flex::ContractState::active) {
        switch (afterwards(plan_, order)) {
            case Afterwards::nothing:
                break;
            case Afterwards::activate:
                static_cast<void>(co_await market_->activate(std::move(*made)));
                break;
            case Afterwards::ask:
                static_cast<void>(co_await market_->status(std::move(*made)));
                break;
            case Afterwards::cancel:
                static_cast<void>(co_await market_->cancel(std::move(*made), "the need has gone"));
                break;
        }
    }
    mark_done(order);
}

Awaitable<void> Buyer::work() {
    while (next_ < plan_.orders) {
        const std::int64_t order = next_++;
        if (!done_[static_cast<std::size_t>(order)]) {
            co_await make(order);
        }
    }
    if (--working_ == 0) {
        if (plan_.is_settling) {
            co_await settle();
        }
        context_.stop();
    }
}

/// Whether any conversation is between two steps, or owes something.
Awaitable<bool> Buyer::is_open() {
    const json::Value health = json::parse(market_->health().body).value();
    if (health.integer("/cancels_owed") > 0) {
        co_return true;
    }
    for (const char* state : {"selecting", "quoted", "initing", "inited", "confirming", "checking",
                              "withdrawing", "unknown", "cancelling", "activating"}) {
        const Result<std::vector<store::Record>> found =
            co_await records_->list_by_state("beckn_saga", state);
        if (found && !found->empty()) {
            co_return true;
        }
    }
    co_return false;
}

/// Everything that is open ends by itself; then each order that stands is asked for once more, as an operator
/// does at the end of a shift.
Awaitable<void> Buyer::settle() {
    bool is_busy = co_await is_open();
    while (is_busy) {
        co_await pause(look_again);
        is_busy = co_await is_open();
    }
    for (const char* state : {"active", "activated"}) {
        const Result<std::vector<store::Record>> held = co_await records_->list_by_state("beckn_saga", state);
        HEADROOM_ASSERT(held.has_value());
        for (const store::Record& record : *held) {
            const json::Value saga = json::parse(record.json).value();
            flex::Contract contract = flex::contract_from_json(*saga.get("contract")).value();
            const Result<flex::Contract> seen = co_await market_->status(std::move(contract));
            if (!seen) {
                log::error("an order could not be asked for", {{"error", seen.error().message}});
            }
            HEADROOM_ASSERT(::write(settled_file_, "+", 1) == 1);  // for who watches
        }
    }
    while (!journal_->idle() || !records_->idle()) {
        co_await pause(look_again);
    }
}

Awaitable<void> Buyer::start(std::optional<Result<void>>& result) {
    result = co_await market_->recover();
    if (result->has_value()) {
        working_ = plan_.side_by_side;
        for (std::int64_t i = 0; i < plan_.side_by_side; ++i) {
            spawn(context_.get_executor(), work());
        }
    } else {
        context_.stop();
    }
}

int Buyer::run() {
    if (const Result<void> bound = server_.listen("127.0.0.1", plan_.buyer_port); !bound) {
        std::cerr << "buyer: " << bound.error().message << "\n";
        return 1;
    }
    asio::signal_set signals(context_, SIGTERM);
    signals.async_wait([this](const boost::system::error_code&, int) { context_.stop(); });
    std::optional<Result<void>> recovered;
    spawn(context_.get_executor(), start(recovered));
    context_.run();
    while (!journal_->idle() || !records_->idle()) {
        context_.restart();
        context_.run_for(look_again);
    }
    if (!recovered || !*recovered) {
        std::cerr << "buyer: " << (recovered ? recovered->error().message : "stopped") << "\n";
        return 1;
    }
    return 0;
}

}  // namespace

std::vector<bool> done_orders(const Plan& plan) {
    std::vector<bool> done(static_cast<std::size_t>(plan.orders), false);
    std::ifstream stream(plan.dir / "done", std::ios::binary);
    std::int64_t order = 0;
    std::array<char, sizeof order> bytes{};
    while (stream.read(bytes.data(), bytes.size())) {
        std::memcpy(&order, bytes.data(), sizeof order);
        done.at(static_cast<std::size_t>(order)) = true;
    }
    return done;
}

int run_buyer(const Plan& plan) {
    Buyer buyer(plan);
    const Result<void> opened = buyer.open();
    if (!opened) {
        std::cerr << "buyer: " << opened.error().message << "\n";
        return 1;
    }
    const int code = buyer.run();
    std::cerr.flush();
    // Everything is on the disk. What still waits for the clock would wait on: the process ends as it is.
    std::_Exit(code);
}

}  // namespace headroom::soak
