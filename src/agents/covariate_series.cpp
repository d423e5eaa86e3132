#include "agents/covariate_series.hpp"

#include "features/half_hours.hpp"

#include <utility>

namespace headroom::agents {
namespace {

std::size_t said_count(std::size_t column) {
    return forecast::live_columns[column].knowledge == forecast::Knowledge::measured
               ? 1
               : forecast::live_befores.size();
}

}  // namespace

std::string covariate_key(std::size_t column, std::size_t said) {
    const std::string key = "feeds/" + std::string(forecast::live_columns[column].name);
    return said_count(column) == 1 ? key : key + "/said_" + std::to_string(forecast::live_befores[said]);
}

std::vector<store::SeriesBlock> blocks_of(const std::vector<forecast::CovariateSeries>& noted) {
    std::vector<store::SeriesBlock> blocks;
    for (const forecast::CovariateSeries& series : noted) {
        blocks.push_back({.key = covariate_key(series.column, series.said),
                          .start = features::period_start(series.first),
                          .step = period_length,
                          .values = series.values});
    }
    return blocks;
}

Awaitable<std::vector<forecast::CovariateSeries>> read_covariates(SeriesStore& series, UtcTime from,
                                                                  UtcTime to) {
    std::vector<std::string> keys;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t column = 0; column < forecast::live_columns.size(); ++column) {
        for (std::size_t said = 0; said < said_count(column); ++said) {
            keys.push_back(covariate_key(column, said));
            places.emplace_back(column, said);
        }
    }
    std::vector<store::SeriesBlock> blocks = co_await series.read(std::move(keys), from, to);
    std::vector<forecast::CovariateSeries> out;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (!blocks[i].values.empty() && blocks[i].step == period_length) {
            out.push_back({.column = places[i].first,
                           .said = places[i].second,
                           .first = features::period_index(blocks[i].start),
                           .values = std::move(blocks[i].values)});
        }
    }
    co_return out;
}

}  // namespace headroom::agents
