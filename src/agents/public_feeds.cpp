#include "agents/public_feeds.hpp"

#include "agents/covariate_series.hpp"
#include "core/log.hpp"
#include "features/half_hours.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::agents {
namespace {

/// A measured value older than that is no news of the present.
constexpr std::int64_t measured_age_max = 6;  // half-hours

}  // namespace

PublicFeeds::PublicFeeds(Parts parts, milliseconds every)
    : parts_(std::move(parts)),
      book_(features::period_index(parts_.clock.now())),
      loop_(parts_.executor, every, "public-feeds") {
    for (FeedAsk& ask : parts_.asks) {
        Feed& feed = feeds_.emplace_back();
        feed.standing = {.id = ask.id, .reaches = ask.reaches};
        feed.ask = std::move(ask);
    }
    parts_.asks.clear();
}

void PublicFeeds::start() {
    loop_.start([this]() -> Awaitable<void> {
        if (!has_taken_up_) {
            co_await take_up();
        }
        co_await round();
    });
}

Awaitable<void> PublicFeeds::take_up() {
    const UtcTime now = floor_period(parts_.clock.now());
    const UtcTime from = now - forecast::CovariateBook::periods_back * period_length;
    const UtcTime to = now + forecast::CovariateBook::periods_ahead * period_length;
    const std::vector<forecast::CovariateSeries> stored = co_await read_covariates(parts_.series, from, to);
    for (const forecast::CovariateSeries& series : stored) {
        book_.lay_in(series);
    }
    has_taken_up_ = true;
    parts_.inform(book_.table());
}

Awaitable<void> PublicFeeds::round() {
    for (Feed& feed : feeds_) {
        if (loop_.is_stopped()) {
            co_return;
        }
        feed.standing.asked = parts_.wall.now();
        auto job = [ask = feed.ask.ask] { return ask(); };
        Result<FeedAnswer> answer = co_await loop_.ask(std::move(job));
        if (!answer) {
            // What was said before stands, with its age; of the forecasts' columns nothing new is known.
            feed.standing.fault = answer.error().message;
            continue;
        }
        take(feed, std::move(*answer));
        tell();
    }
}

void PublicFeeds::tell() {
    parts_.board->put(std::make_shared<const FeedTable>(series_));
    parts_.series.post(blocks_of(book_.take_changes()));
    parts_.inform(book_.table());
}

void PublicFeeds::take(Feed& feed, FeedAnswer answer) {
    FeedStanding& standing = feed.standing;
    standing.fault.clear();
    standing.records = 0;
    standing.effects = 0;
    standing.quarantined = static_cast<std::int64_t>(answer.faults_total);
    answer.faults.resize(std::min(answer.faults.size(), feed_faults_kept));
    standing.not_believed = std::move(answer.faults);
    for (FeedSeries& series : answer.series) {
        standing.records += static_cast<std::int64_t>(series.values.size());
        standing.source = series.origin.source;
        standing.url = series.origin.url;
        standing.licence = series.origin.licence;
        standing.answered = series.origin.fetched;
        if (series.stale_because.empty()) {
            standing.effects += note(series);
        } else {
            standing.fault = series.stale_because;  // an old answer is no news
        }
        std::string name = series.name;
        series_.insert_or_assign(std::move(name), std::move(series));
    }
}

/// What the forecasts look at. Answers how many half-hours of it were told.
std::int64_t PublicFeeds::note(const FeedSeries& series) {
    const std::optional<std::size_t> column = forecast::live_column(series.name);
    if (!column || series.values.empty()) {
        return 0;
    }
    const std::int64_t now = features::period_index(parts_.clock.now());
    if (forecast::live_columns[*column].knowledge == forecast::Knowledge::measured) {
        const auto& [period, value] = *series.values.rbegin();
        if (period > now || now - period > measured_age_max) {
            return 0;
        }
        book_.note(*column, now, now, value);
        return 1;
    }
    for (const auto& [period, value] : series.values) {
        book_.note(*column, now, period, value);
    }
    return static_cast<std::int64_t>(series.values.size());
}

std::vector<FeedStanding> PublicFeeds::standing() const {
    std::vector<FeedStanding> out;
    for (const Feed& feed : feeds_) {
        out.push_back(feed.standing);
    }
    return out;
}

}  // namespace headroom::agents
