#include "forecast/lead_rows.hpp"

#include "core/digest.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace headroom::forecast {
namespace {

constexpr std::array<std::int64_t, 9> lag_days{1, 2, 3, 4, 5, 6, 7, 14, 21};
constexpr std::int64_t newest_count = 6;  // readings up to the origin that stand in the row one by one
constexpr int families = 3;
constexpr std::size_t weather_columns = 7;   // of a family
constexpr std::size_t measured_columns = 3;  // of a measured covariate

/// Mean of what is known among some values.
class Mean {
  public:
    void add(double value, double weight = 1.0) {
        if (!std::isnan(value)) {
            sum_ += weight * value;
            weight_ += weight;
        }
    }
    [[nodiscard]] double value() const { return weight_ > 0.0 ? sum_ / weight_ : unknown_value; }

  private:
    double sum_ = 0.0;
    double weight_ = 0.0;
};

double first_known(std::initializer_list<double> values) {
    for (const double value : values) {
        if (!std::isnan(value)) {
            return value;
        }
    }
    return unknown_value;
}

std::string_view family_name(int family) {
    constexpr std::array<std::string_view, families> names{"temperature", "radiation", "wind"};
    return names[static_cast<std::size_t>(family)];
}

}  // namespace

SeriesScale scale_of(const GridSeries& load, std::int64_t end) {
    std::vector<double> known;
    for (std::int64_t slot = load.first; slot < std::min(end, load.end()); ++slot) {
        if (!std::isnan(load.at(slot))) {
            known.push_back(load.at(slot));
        }
    }
    if (known.empty()) {
        return {};
    }
    std::ranges::sort(known);
    const auto at = [&known](double share) {
        return known[static_cast<std::size_t>(share * static_cast<double>(known.size() - 1))];
    };
    const double spread = at(0.95) - at(0.05);
    return {.level = at(0.5), .spread = spread > 1e-9 ? spread : 1.0};
}

/// The loads of one series up to the origin, and nothing behind it.
class RowMaker::Known {
  public:
    Known(const RowMaker& rows, std::size_t series, std::int64_t origin)
        : load_(rows.panel_.series[series].load),
          sums_(rows.sums_[series]),
          counts_(rows.counts_[series]),
          origin_(origin) {}

    [[nodiscard]] double at(std::int64_t slot) const {
        return slot > origin_ ? unknown_value : load_.at(slot);
    }
    /// Mean over the `count` slots that end with `last`.
    [[nodiscard]] double mean(std::int64_t last, std::int64_t count) const {
        const auto size = static_cast<std::int64_t>(load_.values.size());
        const std::int64_t end = std::clamp<std::int64_t>(std::min(last, origin_) + 1 - load_.first, 0, size);
        const std::int64_t begin = std::clamp<std::int64_t>(last + 1 - count - load_.first, 0, end);
        const double known =
            counts_[static_cast<std::size_t>(end)] - counts_[static_cast<std::size_t>(begin)];
        return known > 0.0
                   ? (sums_[static_cast<std::size_t>(end)] - sums_[static_cast<std::size_t>(begin)]) / known
                   : unknown_value;
    }

  private:
    const GridSeries& load_;
    const std::vector<double>& sums_;
    const std::vector<double>& counts_;
    std::int64_t origin_;
};

namespace {

std::vector<const Covariate*> pointers_to(std::span<const Covariate> covariates) {
    std::vector<const Covariate*> out;
    for (const Covariate& covariate : covariates) {
        out.push_back(&covariate);
    }
    return out;
}

}  // namespace

RowMaker::RowMaker(const Panel& panel, std::span<const Covariate> covariates, Region region)
    : RowMaker(panel, region, pointers_to(covariates)) {}

RowMaker::RowMaker(const Panel& panel, Region region, std::vector<const Covariate*> covariates)
    : panel_(panel), covariates_(std::move(covariates)), region_(region) {
    for (const Panel::Series& series : panel.series) {
        std::vector<double> sums;
        std::vector<double> counts;
        sums.reserve(series.load.values.size() + 1);
        counts.reserve(series.load.values.size() + 1);
        sums.push_back(0.0);
        counts.push_back(0.0);
        for (const double value : series.load.values) {
            sums.push_back(sums.back() + (std::isnan(value) ? 0.0 : value));
            counts.push_back(counts.back() + (std::isnan(value) ? 0.0 : 1.0));
        }
        sums_.push_back(std::move(sums));
        counts_.push_back(std::move(counts));
    }
    if (covariates_.empty()) {
        // A maker is made for every block of points that is served.
        static const std::vector<Column> plain = [this] {
            add_columns();
            return columns_;
        }();
        columns_ = plain;
    } else {
        add_columns();
    }
    load_columns_ = columns_.size() - families * weather_columns;
    for (const Covariate* covariate : covariates_) {
        load_columns_ -= covariate->knowledge == Knowledge::measured ? measured_columns : 1;
    }
}

void RowMaker::add_columns() {
    const auto add = [this](std::string name, ColumnKind kind) {
        columns_.push_back({std::move(name), kind});
    };
    for (const std::int64_t day : lag_days) {
        add("load_lag_" + std::to_string(day) + "d", day == 7 ? ColumnKind::key_lag : ColumnKind::lag);
    }
    add("load_same_day_kind", ColumnKind::key_lag);
    add("load_mean_3d", ColumnKind::lag);
    add("load_mean_7d", ColumnKind::key_lag);
    add("load_mean_4w", ColumnKind::lag);
    add("load_smooth_2d", ColumnKind::lag);
    add("load_smooth_7d", ColumnKind::lag);
    for (std::int64_t i = 0; i < newest_count; ++i) {
        add("load_newest_" + std::to_string(i), i == 0 ? ColumnKind::key_lag : ColumnKind::lag);
    }
    add("load_newest_1h", ColumnKind::key_lag);
    add("load_newest_3h", ColumnKind::lag);
    add("load_newest_24h", ColumnKind::key_lag);
    add("load_newest_168h", ColumnKind::lag);
    add("load_day_a_week_ago", ColumnKind::lag);
    add("change_1d", ColumnKind::difference);
    add("change_7d", ColumnKind::difference);
    add("change_mean_7d", ColumnKind::difference);
    add("newest_from_usual", ColumnKind::difference);
    add("newest_1h_from_usual", ColumnKind::difference);
    add("newest_6h_from_usual", ColumnKind::difference);
    add("day_from_week", ColumnKind::difference);
    add("base", ColumnKind::difference);
    add("lead_h", ColumnKind::plain);
    add("hour", ColumnKind::hour);
    add("weekday", ColumnKind::weekday);
    add("rest_day", ColumnKind::rest_day);
    add("holiday", ColumnKind::holiday);
    for (const char* name : {"holiday_before", "holiday_after", "rest_1d_ago", "rest_2d_ago", "rest_7d_ago",
                             "year_sin", "year_cos"}) {
        add(name, ColumnKind::plain);
    }
    for (const Covariate* covariate : covariates_) {
        if (covariate->knowledge == Knowledge::measured) {
            add(covariate->name + "_at_origin", ColumnKind::plain);
            add(covariate->name + "_1h_change", ColumnKind::plain);
            add(covariate->name + "_usual_change", ColumnKind::plain);
        } else {
            add(covariate->name, ColumnKind::plain);
        }
    }
    for (int family = 0; family < families; ++family) {
        for (const char* what :
             {"", "_from_origin", "_from_2d", "_from_7d", "_24h", "_24h_from_7d", "_from_usual"}) {
            add(std::string(family_name(family)) + what, ColumnKind::weather);
        }
    }
}

std::string RowMaker::schema_hash() const {
    std::string text =
        "rows 1 step_s " + std::to_string(panel_.step_s) + " region " + std::string(to_string(region_));
    for (const Column& column : columns_) {
        text += "\n" + column.name + " " + std::to_string(static_cast<int>(column.kind));
    }
    return sha256_hex(text);
}

double RowMaker::make(std::size_t series, std::int64_t target, std::int64_t origin, const SeriesScale& scale,
                      std::span<float> row) const {
    HEADROOM_ASSERT(row.size() == columns_.size());
    const double base = make_load(series, target, origin, scale, row.first(load_columns_));
    if (!std::isnan(base)) {
        make_outside(series, target, origin, row.subspan(load_columns_));
    }
    return base;
}

double RowMaker::make_load(std::size_t series, std::int64_t target, std::int64_t origin,
                           const SeriesScale& scale, std::span<float> row) const {
    HEADROOM_ASSERT(origin < target && row.size() == load_columns_);
    const std::int64_t day = panel_.slots_per_day();
    const std::int64_t hour = std::max<std::int64_t>(1, 3600 / panel_.step_s);
    const Known known(*this, series, origin);
    const DayPlace place = place_in_day(region_, target * panel_.step_s);
    const auto rests = [&](std::int64_t slot) {
        return place_in_day(region_, slot * panel_.step_s).is_rest_day() ? 1.0 : 0.0;
    };

    Mean same_kind;
    Mean three_days;
    Mean seven_days;
    Mean four_weeks;
    for (std::int64_t i = 1; i <= 28; ++i) {
        const double value = known.at(target - i * day);
        if (std::isnan(value)) {
            continue;
        }
        if ((rests(target - i * day) > 0.5) == place.is_rest_day()) {
            same_kind.add(value, std::exp(-static_cast<double>(i) / 7.0));
        }
        if (i <= 3) {
            three_days.add(value);
        }
        if (i <= 7) {
            seven_days.add(value);
        }
        if (i % 7 == 0) {
            four_weeks.add(value);
        }
    }
    const double newest = known.at(origin);
    const double newest_1h = known.mean(origin, hour);
    const double newest_3h = known.mean(origin, 3 * hour);
    const double newest_24h = known.mean(origin, day);
    const double newest_168h = known.mean(origin, 7 * day);
    const double seasonal = first_known({same_kind.value(), seven_days.value(), newest_24h, newest_168h});
    const bool is_short = (target - origin) * panel_.step_s <= newest_base_s_max;
    Mean change;
    for (std::int64_t i = 1; i <= 7; ++i) {
        change.add(known.at(target - i * day) - known.at(origin - i * day));
    }
    const double usual_change = std::isnan(change.value()) ? 0.0 : change.value();
    const double base =
        is_short ? first_known({newest + usual_change, newest_1h + usual_change, newest_3h, seasonal})
                 : first_known({seasonal, newest});
    if (std::isnan(base)) {
        return unknown_value;
    }

    std::size_t column = 0;
    const auto put = [&](double value) { row[column++] = static_cast<float>(value); };
    const auto put_load = [&](double value) { put((value - base) / scale.spread); };
    const auto put_difference = [&](double value) { put(value / scale.spread); };
    for (const std::int64_t i : lag_days) {
        put_load(known.at(target - i * day));
    }
    put_load(same_kind.value());
    put_load(three_days.value());
    put_load(seven_days.value());
    put_load(four_weeks.value());
    for (const std::int64_t i : {std::int64_t{2}, std::int64_t{7}}) {
        Mean smooth;
        for (std::int64_t j = -2; j <= 2; ++j) {
            smooth.add(known.at(target - i * day + j));
        }
        put_load(smooth.value());
    }
    for (std::int64_t i = 0; i < newest_count; ++i) {
        put_load(known.at(origin - i));
    }
    put_load(newest_1h);
    put_load(newest_3h);
    put_load(newest_24h);
    put_load(newest_168h);
    put_load(known.mean(origin - 7 * day, day));

    put_difference(known.at(target - day) - known.at(origin - day));
    put_difference(known.at(target - 7 * day) - known.at(origin - 7 * day));
    Mean usual;
    Mean usual_1h;
    Mean usual_6h;
    for (std::int64_t i = 1; i <= 7; ++i) {
        usual.add(known.at(origin - i * day));
        usual_1h.add(known.mean(origin - i * day, hour));
        usual_6h.add(known.mean(origin - i * day, 6 * hour));
    }
    put_difference(change.value());
    put_difference(newest - usual.value());
    put_difference(newest_1h - usual_1h.value());
    put_difference(known.mean(origin, 6 * hour) - usual_6h.value());
    put_difference(newest_24h - newest_168h);
    put_difference(base - scale.level);

    put(static_cast<double>((target - origin) * panel_.step_s) / 3600.0);
    put(static_cast<double>(place.minute) / 60.0);
    put(place.weekday);
    put(place.is_rest_day() ? 1.0 : 0.0);
    put(place.is_holiday ? 1.0 : 0.0);
    for (const std::int64_t i : {std::int64_t{-1}, std::int64_t{1}}) {
        put(place_in_day(region_, (target + i * day) * panel_.step_s).is_holiday ? 1.0 : 0.0);
    }
    for (const std::int64_t i : {std::int64_t{1}, std::int64_t{2}, std::int64_t{7}}) {
        put(rests(target - i * day));
    }
    const double year = 2.0 * std::numbers::pi * place.day_of_year / 365.25;
    put(std::sin(year));
    put(std::cos(year));
    HEADROOM_ASSERT(column == load_columns_);
    return base;
}

void RowMaker::make_outside(std::size_t series, std::int64_t target, std::int64_t origin,
                            std::span<float> row) const {
    HEADROOM_ASSERT(origin < target && row.size() == columns_.size() - load_columns_);
    const std::int64_t day = panel_.slots_per_day();
    const std::int64_t hour = std::max<std::int64_t>(1, 3600 / panel_.step_s);
    std::size_t column = 0;
    const auto put = [&](double value) { row[column++] = static_cast<float>(value); };
    // A price is known from 13:00 UTC on the day before; until then yesterday's stands for it.
    const auto day_of = [&](std::int64_t slot) { return slot * panel_.step_s / seconds_per_day; };
    const std::int64_t days_ahead = day_of(target) - day_of(origin);
    const bool is_price_known =
        days_ahead <= 0 || (days_ahead == 1 && origin * panel_.step_s % seconds_per_day >= 13 * 3600);
    for (const Covariate* covariate : covariates_) {
        const auto at = [&](std::int64_t slot) { return covariate->at(series, slot, origin); };
        if (covariate->knowledge == Knowledge::measured) {
            put(at(origin));
            put(at(origin) - at(origin - hour));
            put(target - day <= origin ? at(target - day) - at(origin - day) : unknown_value);
        } else if (covariate->knowledge == Knowledge::day_ahead && !is_price_known) {
            put(days_ahead == 1 ? at(target - day) : unknown_value);
        } else {
            put(at(target));
        }
    }
    for (int family = 0; family < families; ++family) {
        const auto mean_at = [&](std::int64_t slot) {
            Mean mean;
            for (const Covariate* covariate : covariates_) {
                if (covariate->knowledge == Knowledge::ahead &&
                    static_cast<int>(covariate->family) == family + 1) {
                    mean.add(covariate->at(series, slot, origin));
                }
            }
            return mean.value();
        };
        const auto day_mean = [&](std::int64_t last) {
            Mean mean;
            for (std::int64_t i = 0; i < day; i += hour) {
                mean.add(mean_at(last - i));
            }
            return mean.value();
        };
        const double at_target = mean_at(target);
        if (std::isnan(at_target)) {
            std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(column), weather_columns,
                        std::numeric_limits<float>::quiet_NaN());
            column += weather_columns;
            continue;
        }
        const double day_at_target = day_mean(target);
        put(at_target);
        put(at_target - mean_at(origin));
        put(at_target - mean_at(target - 2 * day));
        put(at_target - mean_at(target - 7 * day));
        put(day_at_target);
        put(day_at_target - day_mean(target - 7 * day));
        Mean usual_weather;
        for (std::int64_t i = 2; i <= 7; ++i) {
            usual_weather.add(mean_at(target - i * day));
        }
        put(at_target - usual_weather.value());
    }
    HEADROOM_ASSERT(column == row.size());
}

}  // namespace headroom::forecast
