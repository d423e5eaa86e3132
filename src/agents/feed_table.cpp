#include "agents/feed_table.hpp"

namespace headroom::agents {
namespace {

std::int64_t period_of(UtcTime at) {
    return floor_period(at).time_since_epoch() / period_length;
}

FeedFigure figure_of(const FeedSeries& series, double value) {
    return {.value = value,
            .source = series.origin.source,
            .url = series.origin.url,
            .licence = series.origin.licence,
            .fetched = series.origin.fetched,
            .stale_because = series.stale_because};
}

}  // namespace

std::optional<FeedFigure> FeedTable::at(std::string_view name, UtcTime at) const {
    return mean(name, at, at + milliseconds{1});
}

std::optional<FeedFigure> FeedTable::mean(std::string_view name, UtcTime from, UtcTime until) const {
    const auto series = series_.find(name);
    if (series == series_.end()) {
        return std::nullopt;
    }
    double sum = 0.0;
    std::int64_t known = 0;
    const auto end = series->second.values.lower_bound(period_of(until - milliseconds{1}) + 1);
    for (auto value = series->second.values.lower_bound(period_of(from)); value != end; ++value) {
        sum += value->second;
        ++known;
    }
    return known == 0 ? std::nullopt
                      : std::optional(figure_of(series->second, sum / static_cast<double>(known)));
}

}  // namespace headroom::agents
