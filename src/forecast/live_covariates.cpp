#include "forecast/live_covariates.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::forecast {
namespace {

constexpr std::int64_t periods_per_day = 48;

bool is_measured(std::size_t column) {
    return live_columns[column].knowledge == Knowledge::measured;
}

std::size_t said_count(std::size_t column) {
    return is_measured(column) ? 1 : live_befores.size();
}

CovariateTable empty_table() {
    CovariateTable table;
    for (std::size_t i = 0; i < live_columns.size(); ++i) {
        Covariate& column = table.columns.emplace_back();
        column.name = live_columns[i].name;
        column.knowledge = live_columns[i].knowledge;
        column.family = live_columns[i].family;
        if (is_measured(i)) {
            column.by_series.resize(1);
            continue;
        }
        for (const std::int64_t before : live_befores) {
            column.said.push_back({.before = before, .values = {}});
        }
    }
    return table;
}

GridSeries& cells_of(CovariateTable& table, std::size_t column, std::size_t said) {
    Covariate& covariate = table.columns[column];
    return covariate.said.empty() ? covariate.by_series[0] : covariate.said[said].values;
}

/// What is stored is a float; what is served is the same.
double as_stored(double value) {
    return static_cast<double>(static_cast<float>(value));
}

std::int64_t known_between(const GridSeries& cells, std::int64_t from, std::int64_t to) {
    std::int64_t known = 0;
    for (std::int64_t slot = std::max(from, cells.first); slot < std::min(to, cells.end()); ++slot) {
        known += std::isnan(cells.at(slot)) ? 0 : 1;
    }
    return known;
}

}  // namespace

std::optional<std::size_t> live_column(std::string_view name) {
    const auto found = std::ranges::find(live_columns, name, &LiveColumn::name);
    return found == live_columns.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - live_columns.begin()));
}

const CovariateTable& unknown_covariates() {
    static const CovariateTable table = empty_table();
    return table;
}

CovariateBook::CovariateBook(std::int64_t now) : table_(empty_table()) {
    reach(now);
}

GridSeries& CovariateBook::cells(std::size_t column, std::size_t said) {
    return cells_of(table_, column, said);
}

/// Moves the window along, so that it begins ten days before the half-hour `now`.
void CovariateBook::reach(std::int64_t now) {
    const std::int64_t first = now - periods_back;
    if (first <= first_) {
        return;
    }
    for (std::size_t column = 0; column < live_columns.size(); ++column) {
        for (std::size_t said = 0; said < said_count(column); ++said) {
            GridSeries& all = cells(column, said);
            std::vector<double> moved(periods_back + periods_ahead, unknown_value);
            for (std::int64_t i = 0; i < std::ssize(moved); ++i) {
                moved[static_cast<std::size_t>(i)] = all.at(first + i);
            }
            all.first = first;
            all.values = std::move(moved);
        }
    }
    first_ = first;
}

void CovariateBook::note(std::size_t column, std::int64_t now, std::int64_t period, double value) {
    reach(now);
    if (!std::isfinite(value) || (is_measured(column) && period != now)) {
        return;
    }
    for (std::size_t said = 0; said < said_count(column); ++said) {
        GridSeries& all = cells(column, said);
        if (period - now < live_befores[said] || period < all.first || period >= all.end()) {
            continue;
        }
        all.values[static_cast<std::size_t>(period - all.first)] = as_stored(value);
        Changed& changed = changed_[column][said];
        const bool is_first = changed.to <= changed.from;
        changed.from = is_first ? period : std::min(changed.from, period);
        changed.to = is_first ? period + 1 : std::max(changed.to, period + 1);
    }
}

void CovariateBook::lay_in(const CovariateSeries& stored) {
    if (stored.column >= live_columns.size() || stored.said >= said_count(stored.column)) {
        return;
    }
    GridSeries& all = cells(stored.column, stored.said);
    for (std::size_t i = 0; i < stored.values.size(); ++i) {
        const std::int64_t place = stored.first + static_cast<std::int64_t>(i) - all.first;
        if (place >= 0 && place < std::ssize(all.values) &&
            std::isnan(all.values[static_cast<std::size_t>(place)])) {
            all.values[static_cast<std::size_t>(place)] = static_cast<double>(stored.values[i]);
        }
    }
}

std::vector<CovariateSeries> CovariateBook::take_changes() {
    std::vector<CovariateSeries> out;
    for (std::size_t column = 0; column < live_columns.size(); ++column) {
        for (std::size_t said = 0; said < said_count(column); ++said) {
            const Changed changed = std::exchange(changed_[column][said], {});
            if (changed.to <= changed.from) {
                continue;
            }
            CovariateSeries& series = out.emplace_back();
            series.column = column;
            series.said = said;
            series.first = changed.from;
            for (std::int64_t period = changed.from; period < changed.to; ++period) {
                series.values.push_back(static_cast<float>(cells(column, said).at(period)));
            }
        }
    }
    return out;
}

std::shared_ptr<const CovariateTable> CovariateBook::table() const {
    return std::make_shared<const CovariateTable>(table_);
}

CovariateTable table_of(std::span<const CovariateSeries> stored) {
    CovariateTable table = empty_table();
    for (const CovariateSeries& series : stored) {
        if (series.column < live_columns.size() && series.said < said_count(series.column)) {
            GridSeries& all = cells_of(table, series.column, series.said);
            all.first = series.first;
            all.values.assign(series.values.begin(), series.values.end());
        }
    }
    return table;
}

std::vector<Covariate> learnable(const CovariateTable& table, std::int64_t from, std::int64_t to,
                                 int days_min) {
    std::vector<Covariate> out;
    for (const Covariate& column : table.columns) {
        std::int64_t known = std::numeric_limits<std::int64_t>::max();
        if (column.said.empty()) {
            known = known_between(column.by_series.front(), from, to);
        }
        for (const Covariate::Said& one : column.said) {
            // Nobody knows a price two days ahead; a day ahead is what counts.
            if (one.before <= periods_per_day / 2) {
                known = std::min(known, known_between(one.values, from, to));
            }
        }
        if (known >= days_min * periods_per_day) {
            out.push_back(column);
        }
    }
    return out;
}

}  // namespace headroom::forecast
