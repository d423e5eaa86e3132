#include "agents/feed_table.hpp"

#include <fmt/format.h>

#include <iterator>

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

std::optional<std::pair<UtcTime, FeedFigure>> FeedTable::newest(std::string_view name, UtcTime at,
                                                                milliseconds back) const {
    const auto series = series_.find(name);
    if (series == series_.end()) {
        return std::nullopt;
    }
    const auto after = series->second.values.upper_bound(period_of(at));
    if (after == series->second.values.begin() || std::prev(after)->first < period_of(at - back)) {
        return std::nullopt;
    }
    const auto& [period, value] = *std::prev(after);
    return std::pair{UtcTime{period * period_length}, figure_of(series->second, value)};
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

std::string carbon_source_text(const FeedFigure& figure) {
    std::string text = fmt::format(
        "{:.0f} g/kWh of the grid in the need's hours, for DERs without a figure of their own: {}, fetched "
        "{}, {}",
        figure.value, figure.source, format_utc(figure.fetched), figure.licence);
    if (!figure.stale_because.empty()) {
        text += ", an old answer because " + figure.stale_because;
    }
    return text;
}

}  // namespace headroom::agents
