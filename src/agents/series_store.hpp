#pragma once

#include "core/async.hpp"
#include "core/log.hpp"
#include "store/series.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

/// The series store behind its own thread.
class SeriesStore {
  public:
    explicit SeriesStore(std::unique_ptr<store::Series> series)
        : series_(std::move(series)), worker_("series") {}

    /// Written in order, nobody waits; a failure is logged (the readings stay in the monitor's rings).
    void post(std::vector<store::SeriesBlock> blocks) {
        if (blocks.empty()) {
            return;
        }
        worker_.post([this, blocks = std::move(blocks)] {
            const Result<void> written = series_->write(blocks);
            if (!written) {
                log::error("half-hours could not be stored", {{"error", written.error().message}});
            }
        });
    }
    /// Several series, in the order asked; a series without data comes back with no values.
    Awaitable<std::vector<store::SeriesBlock>> read(std::vector<std::string> keys, UtcTime from, UtcTime to) {
        auto job = [this, keys = std::move(keys), from, to] {
            std::vector<store::SeriesBlock> blocks;
            blocks.reserve(keys.size());
            for (const std::string& key : keys) {
                Result<store::SeriesBlock> block = series_->read(key, from, to);
                blocks.push_back(block ? std::move(*block)
                                       : store::SeriesBlock{key, from, period_length, {}});
            }
            return blocks;
        };
        co_return co_await worker_.run(std::move(job));
    }
    [[nodiscard]] bool idle() const { return worker_.pending() == 0; }
    /// For start-up, before coroutines run.
    [[nodiscard]] store::Series& direct() { return *series_; }

  private:
    std::unique_ptr<store::Series> series_;
    Worker worker_;
};

}  // namespace headroom::agents
