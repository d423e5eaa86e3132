#pragma once

#include "agents/retraining.hpp"
#include "core/random.hpp"
#include "store/series.hpp"
#include "unit/agents/stores.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

// What the tests of the trainings share: two feeders, a store with their history, and the parts around.
namespace headroom::agents::test {

inline const UtcTime morning = parse_utc("2026-11-24T09:00:00Z").value();  // a Tuesday
inline constexpr int days_stored = 40;

inline grid::Network two_feeders() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (const char* id : {"F-1", "F-2"}) {
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        EXPECT_TRUE(network.add(grid::Limit{
            .asset = id, .phase = grid::Phase::sum, .value = 500.0, .source = "t", .verified_by = "t"}));
    }
    return network;
}

/// Weekdays and weekends differ: more to learn than the ridge can.
inline std::vector<float> loads(std::uint64_t feeder, UtcTime from, int periods) {
    const Random random(9);
    std::vector<float> kw;
    for (int i = 0; i < periods; ++i) {
        const std::int64_t period = features::period_index(from) + i;
        const bool is_weekend = (period / 48 + 4) % 7 == 0 || (period / 48 + 4) % 7 == 6;
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(period % 48) / 48.0;
        const double noise = random.normal(feeder, static_cast<std::uint64_t>(period));
        kw.push_back(static_cast<float>((is_weekend ? 60.0 : 90.0) +
                                        (is_weekend ? 10.0 : 30.0) * std::sin(angle) + noise));
    }
    return kw;
}

inline RetrainingOptions quick() {
    RetrainingOptions options;
    options.is_on = true;
    options.train.learn.trees = {.rounds_max = 20, .depth_max = 4, .eta = 0.3, .bins = 32};
    options.train.learn.width_trees = {.rounds_max = 4, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.train.leads_s = {1800, 4 * 3600, 12 * 3600};
    return options;
}

/// The parts around the agent, on a virtual clock, with a store of half-hours.
class RetrainingRoom {
  public:
    explicit RetrainingRoom(const std::filesystem::path& folder, UtcTime now = morning)
        : clock(now), network(two_feeders()), monitor(network, registry, {.rules = {}, .half_hours = 1400}) {
        audit::LogOptions log_options{.dir = folder / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(std::string(32, '\7')).value(),
                                      .wall_clock = wall_};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log_ = audit::Log::open(std::move(log_options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder / "blobs").value());
        auto kept = store::open_sqlite_records(folder / "records.db").value();
        auto ahead = store::AheadFile::open(folder / "records.ahead", *kept).value();
        records_ = std::make_unique<RecordStore>(std::move(kept), std::move(ahead));
        journal = std::make_unique<Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        journal->on_entry([this](const audit::Entry& entry) { entries.push_back(entry); });
        series = std::make_unique<SeriesStore>(store::open_sqlite_series(folder / "series.db").value());
        folder_ = folder;
    }
    ~RetrainingRoom() {
        agent.reset();
        until([this] { return journal->idle() && series->idle(); });
    }

    void make_agent(RetrainingOptions options) {
        agent = std::make_unique<Retraining>(
            Retraining::Parts{context_.get_executor(), clock, *journal, *series, network, monitor, registry,
                              std::move(*ModelStore::open(folder_ / "models"))},
            std::move(options));
    }
    void store_history(int days = days_stored) {
        std::vector<store::SeriesBlock> blocks;
        for (const std::uint64_t feeder : {1U, 2U}) {
            const UtcTime from = floor_period(clock.now()) - std::chrono::days{days};
            blocks.push_back({"F-" + std::to_string(feeder) + "/p_kw/sum", from, period_length,
                              loads(feeder, from, days * 48)});
            monitor.warm(registry.find("F-" + std::to_string(feeder), grid::Quantity::p_kw, grid::Phase::sum),
                         blocks.back());
        }
        series->post(std::move(blocks));
    }
    /// Lets everything that is at work end; the clock stands still.
    void until(const std::function<bool()>& is_done) {
        const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (!is_done()) {
            ASSERT_LT(std::chrono::steady_clock::now(), latest);
            context_.restart();
            context_.run_for(std::chrono::milliseconds{2});
        }
    }
    void tick_and_join() {
        agent->tick();
        until([this] { return agent->idle() && journal->idle() && series->idle(); });
    }
    template <class T>
    T wait(Awaitable<T> work) {
        std::optional<T> result;
        spawn(context_.get_executor(), [](Awaitable<T> inner, std::optional<T>& out) -> Awaitable<void> {
            out.emplace(co_await std::move(inner));
        }(std::move(work), result));
        until([&] { return result.has_value(); });
        return std::move(*result);
    }
    [[nodiscard]] forecast::Method method() {
        monitor.tick(clock.now());
        monitor.tick(clock.now() + minutes{4});
        return monitor
            .forecast_ahead(registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum), clock.now(), 4)
            ->method;
    }

    VirtualClock clock;
    telemetry::PointRegistry registry;
    grid::Network network;
    monitor::Monitor monitor;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<SeriesStore> series;
    std::unique_ptr<Retraining> agent;
    std::vector<audit::Entry> entries;

  private:
    std::filesystem::path folder_;
    asio::io_context context_;
    ManualWallClock wall_{morning};
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<RecordStore> records_;
};

}  // namespace headroom::agents::test
