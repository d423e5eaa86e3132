#pragma once

#include "agents/feed_loop.hpp"
#include "agents/feed_standing.hpp"
#include "agents/feed_table.hpp"
#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "core/clock.hpp"
#include "forecast/live_covariates.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headroom::agents {

/// What one service said: one or more quantities, and what of it was not believed.
struct FeedAnswer {
    std::vector<FeedSeries> series;
    std::vector<feeds::RowFault> faults;
    std::size_t faults_total = 0;
};

/// A feed: its name, what it is good for, and the blocking question.
struct FeedAsk {
    std::string id;
    std::string reaches;
    std::function<Result<FeedAnswer>()> ask;
};

/// Asks public services on a thread of its own, again and again. What they say of the half-hours is hung on
/// the board for whoever decides by it; what the forecasts look at is noted, stored (series `feeds/…`) and
/// given to the monitor, feed by feed: a slow one holds back no other. A feed that is down, slow or wrong
/// leaves its columns unknown and stops nothing.
/// Lives on the io thread.
class PublicFeeds {
  public:
    struct Parts {
        asio::any_io_executor executor;
        DomainClock& clock;
        WallClock& wall;
        SeriesStore& series;
        std::shared_ptr<FeedBoard> board;
        std::function<void(std::shared_ptr<const forecast::CovariateTable> table)> inform;
        std::vector<FeedAsk> asks;
    };
    PublicFeeds(Parts parts, milliseconds every);

    /// Takes up what was stored, asks at once, then every so often until it is destroyed or stopped.
    void start();
    void stop() { loop_.stop(); }
    /// Takes up what was stored by an earlier process; before the first round.
    Awaitable<void> take_up();
    /// One round; for tests, and for whoever wants it now.
    Awaitable<void> round();
    [[nodiscard]] std::vector<FeedStanding> standing() const;

  private:
    struct Feed {
        FeedAsk ask;
        FeedStanding standing;
    };
    void take(Feed& feed, FeedAnswer answer);
    std::int64_t note(const FeedSeries& series);
    void tell();

    Parts parts_;
    std::vector<Feed> feeds_;
    std::map<std::string, FeedSeries, std::less<>> series_;
    forecast::CovariateBook book_;
    bool has_taken_up_ = false;
    FeedLoop loop_;  // last: its thread is joined before what it uses goes
};

}  // namespace headroom::agents
