#include "agents/journal.hpp"
#include "agents/market.hpp"
#include "app/bench_beckn.hpp"
#include "app/bench_beckn_world.hpp"
#include "app/bench_buyer.hpp"
#include "app/bench_child.hpp"
#include "app/bench_usage.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "beckn/key_id.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "store/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

constexpr auto wait_max = std::chrono::seconds{30};
constexpr int orders_unmeasured = 20;
constexpr int discoveries = 9;

/// The buyer, whole: market, log on the disk, store, server for callbacks; and the providers' process.
class BecknBench {
  public:
    explicit BecknBench(std::filesystem::path folder)
        : folder_(std::move(folder)),
          context_(1),
          server_(context_),
          clock_(make_system_clock(context_)),
          wall_(make_system_wall_clock()) {}

    Result<void> open(int providers, int offers) {
        std::error_code fault;
        std::filesystem::create_directories(folder_, fault);
        server_.route("POST", "/beckn/{action}", [this](net::Request request) -> Awaitable<net::Response> {
            std::string action = request.path_parameter("action");
            return market_->on_callback(std::move(action), std::move(request));
        });
        if (const Result<void> bound = server_.listen("127.0.0.1", 0); !bound) {
            return bound;
        }
        for (Result<void> (BecknBench::*step)() : {&BecknBench::open_stores}) {
            if (const Result<void> done = (this->*step)(); !done) {
                return done;
            }
        }
        std::ofstream(folder_ / "catalogue.toml") << beckn_catalogue_text(providers, offers);
        Result<BenchChild> child = BenchChild::start(
            {"beckn", "serve-bpp", "--json", "--port", "0", "--catalogue",
             (folder_ / "catalogue.toml").string(), "--data-dir", (folder_ / "providers").string(), "--buyer",
             fmt::format("{}|{}|{}", bench_buyer_id, bench_buyer_key_id, to_base64(key_.public_key()))});
        if (!child) {
            return child.error();
        }
        child_.emplace(std::move(*child));
        return open_market();
    }

    Result<std::vector<double>> orders(int count) {
        std::vector<double> took;
        for (int i = 0; i < count + orders_unmeasured; ++i) {
            const SteadyTime begun = steady_now();
            if (const Result<void> ordered = order(i); !ordered) {
                return ordered.error();
            }
            if (i >= orders_unmeasured) {
                took.push_back(milliseconds_between(begun, steady_now()));
            }
            // What is written behind an order's back belongs to that order and not to the next.
            if (const Result<void> rested =
                    run_until([this] { return journal_->idle() && records_->idle(); }, "rest");
                !rested) {
                return rested.error();
            }
        }
        return took;
    }

    Result<std::vector<double>> discover(std::size_t expected) {
        std::vector<double> took;
        for (int i = 0; i < discoveries + 1; ++i) {
            const risk::Overload overload = beckn_overload(100'000 + i, clock_->now());
            const SteadyTime begun = steady_now();
            Result<agents::SearchResult> found = await(market_->search(overload));
            if (!found) {
                return found.error();
            }
            rank_offers(found->offers);
            const double ms = milliseconds_between(begun, steady_now());
            if (found->offers.size() != expected) {
                return Error{Errc::invalid,
                             fmt::format("{} of {} offers were found", found->offers.size(), expected), ""};
            }
            if (i > 0) {
                took.push_back(ms);
            }
        }
        return took;
    }

    /// Processor time so far of both sides, milliseconds.
    [[nodiscard]] double cpu_ms() const {
        return (usage_now().process_us + process_cpu_us(child_->pid())) / 1000.0;
    }

    void close() {
        static_cast<void>(run_until([this] { return journal_->idle() && records_->idle(); }, "rest"));
        child_.reset();
        // Its thread would go on to write beside the next bench, into a folder that is gone.
        if (const Result<void> closed = log_->seal_and_close(); !closed) {
            log::warn("the log of the bench was not sealed", {{"error", closed.error().message}});
        }
    }

  private:
    Result<void> open_stores() {
        audit::LogOptions options{.dir = folder_ / "audit",
                                  .origin = "bench.example/audit",
                                  .key = Ed25519KeyPair::generate(),
                                  .wall_clock = *wall_};
        Result<std::unique_ptr<audit::Log>> log = audit::Log::open(std::move(options));
        if (!log) {
            return log.error();
        }
        log_ = std::move(*log);
        Result<audit::BlobStore> blobs = audit::BlobStore::open(folder_ / "blobs");
        if (!blobs) {
            return blobs.error();
        }
        blobs_ = std::make_unique<audit::BlobStore>(std::move(*blobs));
        Result<std::unique_ptr<store::Records>> records = store::open_sqlite_records(folder_ / "records.db");
        if (!records) {
            return records.error();
        }
        Result<std::unique_ptr<store::AheadFile>> ahead =
            store::AheadFile::open(folder_ / "records.ahead", **records);
        if (!ahead) {
            return ahead.error();
        }
        records_ = std::make_unique<agents::RecordStore>(std::move(*records), std::move(*ahead));
        journal_ = std::make_unique<agents::Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        return {};
    }

    Result<void> open_market() {
        const Result<json::Value> told = json::parse(child_->first_line());
        const json::Array* list =
            told && told->get("providers") != nullptr ? told->get("providers")->as_array() : nullptr;
        if (list == nullptr) {
            return Error{Errc::invalid, "the providers' process did not say who they are", ""};
        }
        std::vector<agents::MarketPeer> peers;
        for (const json::Value& one : *list) {
            const Result<Ed25519PublicKey> key = beckn::parse_ed25519_key(one.text("/public_key"));
            if (!key) {
                return key.error();
            }
            agents::MarketPeer peer;
            peer.id = one.text("/id");
            peer.url = one.text("/url");
            peer.subscriber_id = one.text("/subscriber_id");
            peer.key_id = one.text("/key_id");
            peer.public_key = *key;
            peers.push_back(std::move(peer));
        }
        http_ = std::make_unique<net::HttpClient>(context_.get_executor(),
                                                  net::ClientSettings{.allow_private = {"127.0.0.1:*"}});
        agents::MarketOptions options;
        options.subscriber_id = bench_buyer_id;
        options.key_id = bench_buyer_key_id;
        options.callback_url = fmt::format("http://127.0.0.1:{}/beckn", server_.port());
        options.search_window = seconds{10};
        market_ =
            std::make_unique<agents::Market>(agents::Market::Parts{context_.get_executor(), *clock_, *wall_,
                                                                   in_flight_, *http_, *journal_, key_},
                                             std::move(options), std::move(peers));
        return await(market_->recover());
    }

    Result<void> order(int number) {
        const risk::Overload overload = beckn_overload(number, clock_->now());
        Result<agents::SearchResult> found = await(market_->search(overload));
        if (!found || found->offers.empty()) {
            return found ? Error{Errc::not_found, "a search found no offer", ""} : found.error();
        }
        rank_offers(found->offers);
        flex::Contract wanted = beckn_contract(overload, found->offers.front());
        const Result<flex::Contract> made = await(market_->contract(std::move(wanted)));
        if (!made) {
            return made.error();
        }
        if (made->state != flex::ContractState::active) {
            return Error{Errc::conflict, "an order was not confirmed: " + made->failure, ""};
        }
        return {};
    }

    Result<void> run_until(const std::function<bool()>& condition, const std::string& what) {
        const SteadyTime deadline = steady_now() + wait_max;
        while (!condition()) {
            if (steady_now() > deadline) {
                return Error{Errc::timeout, what + " did not come within 30 s"};
            }
            context_.run_one_for(std::chrono::milliseconds{20});
        }
        return {};
    }
    template <class T>
    Result<T> await(Awaitable<Result<T>> work) {
        std::optional<Result<T>> result;
        spawn(context_.get_executor(), keep(std::move(work), result));
        const Result<void> done = run_until([&result] { return result.has_value(); }, "an answer");
        if (!done) {
            // The coroutine still points at `result`: nothing may run on.
            HEADROOM_ASSERT(false);
        }
        return std::move(*result);
    }
    template <class T>
    static Awaitable<void> keep(Awaitable<Result<T>> work, std::optional<Result<T>>& result) {
        Result<T> value = co_await std::move(work);
        result.emplace(std::move(value));
    }

    std::filesystem::path folder_;
    asio::io_context context_;
    net::HttpServer server_;
    std::unique_ptr<DomainClock> clock_;
    std::unique_ptr<WallClock> wall_;
    InFlight in_flight_;
    Ed25519KeyPair key_ = Ed25519KeyPair::generate();
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<agents::RecordStore> records_;
    std::unique_ptr<agents::Journal> journal_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<agents::Market> market_;
    std::optional<BenchChild> child_;
};

/// Wall times of each piece of work, sorted, and the processor time of both sides for one.
struct MarketTimes {
    std::vector<double> took_ms;
    double cpu_ms = 0.0;
};
using MarketMeasure = std::function<Result<std::vector<double>>(BecknBench&)>;

/// `count`: pieces of work in all, with those that warm up.
Result<MarketTimes> with_bench(const std::filesystem::path& folder, int providers, int offers, int count,
                               const MarketMeasure& measure) {
    BecknBench& bench = *new BecknBench(folder);  // outlives everything, see run_demo.cpp
    const Result<void> opened = bench.open(providers, offers);
    if (!opened) {
        return opened.error();
    }
    const double cpu_before = bench.cpu_ms();
    Result<std::vector<double>> took = measure(bench);
    const double cpu_ms = bench.cpu_ms() - cpu_before;
    bench.close();
    if (!took) {
        return took.error();
    }
    std::sort(took->begin(), took->end());
    return MarketTimes{.took_ms = std::move(*took), .cpu_ms = cpu_ms / count};
}

Result<MarketTimes> in_scratch(const std::filesystem::path& dir,
                               const std::function<Result<MarketTimes>(const std::filesystem::path&)>& work) {
    std::string folder = (dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + dir.string()};
    }
    Result<MarketTimes> measured = work(folder);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return measured;
}

}  // namespace

Result<json::Array> bench_beckn_orders(const BenchBecknOptions& options) {
    const Result<MarketTimes> measured =
        in_scratch(options.dir, [&options](const std::filesystem::path& folder) {
            return with_bench(folder, 1, 4, options.orders + orders_unmeasured,
                              [&](BecknBench& bench) { return bench.orders(options.orders); });
        });
    if (!measured) {
        return measured.error();
    }
    const std::vector<double>& took = measured->took_ms;
    return json::Array{beckn_figure("beckn.order_ms_p50", beckn_rank(took, 0.50), "ms", took),
                       beckn_figure("beckn.order_ms_p99", beckn_rank(took, 0.99), "ms", took),
                       beckn_figure("beckn.order_cpu_ms", measured->cpu_ms, "ms", {measured->cpu_ms})};
}

Result<json::Array> bench_beckn_search(const BenchBecknOptions& options) {
    const Result<MarketTimes> measured = in_scratch(options.dir, [](const std::filesystem::path& folder) {
        return with_bench(folder, providers_many, offers_each, discoveries + 1, [](BecknBench& bench) {
            return bench.discover(static_cast<std::size_t>(providers_many) * offers_each);
        });
    });
    if (!measured) {
        return measured.error();
    }
    const std::vector<double>& took = measured->took_ms;
    return json::Array{
        beckn_figure("beckn.discover_200x50_loopback_ms", beckn_rank(took, 0.50), "ms", took),
        beckn_figure("beckn.discover_200x50_loopback_cpu_ms", measured->cpu_ms, "ms", {measured->cpu_ms})};
}

}  // namespace headroom::app
