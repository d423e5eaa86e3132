#include "telemetry/csv_sign.hpp"

#include <fmt/format.h>

#include <cmath>

namespace headroom::telemetry {
namespace {

constexpr std::uint64_t window_readings_min = 12;
constexpr double pairs_min = 12.0;
constexpr double correlation_min = 0.8;
constexpr double noon_over_evening_max = 1.5;

}  // namespace

void SignSurvey::take_power(UtcTime at, double kw) {
    ++count_;
    negative_ += kw < 0.0 ? 1 : 0;
    const int hour = local_minute_of_day(at) / 60;
    if (hour >= 1 && hour < 5) {
        night_.take(kw);
    } else if (hour >= 11 && hour < 15) {
        noon_.take(kw);
    } else if (hour >= 16 && hour < 20) {
        evening_.take(kw);
    }
    power_at_ = at;
    power_ = std::abs(kw);
    has_power_ = true;
    pair();
}

void SignSurvey::take_flow(UtcTime at, double size) {
    flow_at_ = at;
    flow_ = std::abs(size);
    has_flow_ = true;
    pair();
}

void SignSurvey::pair() {
    if (!has_power_ || !has_flow_ || power_at_ != flow_at_) {
        return;
    }
    has_power_ = false;
    has_flow_ = false;
    pairs_ += 1.0;
    const double dx = power_ - mean_x_;
    const double dy = flow_ - mean_y_;
    mean_x_ += dx / pairs_;
    mean_y_ += dy / pairs_;
    xx_ += dx * (power_ - mean_x_);
    yy_ += dy * (flow_ - mean_y_);
    xy_ += dx * (flow_ - mean_y_);
}

std::optional<double> SignSurvey::correlation() const {
    if (pairs_ < pairs_min || xx_ <= 0.0 || yy_ <= 0.0) {
        return std::nullopt;
    }
    return xy_ / std::sqrt(xx_ * yy_);
}

SignRuling SignSurvey::decide() const {
    if (count_ == 0 || negative_ * 3 < count_ * 2) {
        return {};
    }
    const std::string mostly =
        fmt::format("active power is negative in {} of {} readings", negative_, count_);
    if (night_.count < window_readings_min || noon_.count < window_readings_min ||
        evening_.count < window_readings_min) {
        return {false, mostly + ", too few hours of the day to tell load from generation: kept as published"};
    }
    const double night = night_.value();
    const double noon = noon_.value();
    const double evening = evening_.value();
    const std::string shape =
        fmt::format("mean {:.0f} kW from 1 to 5 o'clock, {:.0f} kW from 11 to 15, {:.0f} kW from 16 to 20",
                    night, noon, evening);
    const bool is_like_load = evening < 0.0 && evening < night && noon >= noon_over_evening_max * evening;
    if (!is_like_load) {
        return {false, mostly + " (" + shape + "), not in the way of load: kept as published, an export"};
    }
    const std::optional<double> follows = correlation();
    if (follows && *follows < correlation_min) {
        return {false,
                fmt::format("{}, but apparent power or current does not follow it (correlation {:.2f}): "
                            "kept as published",
                            mostly, *follows)};
    }
    const std::string measured =
        follows
            ? fmt::format(", and apparent power or current follows its size (correlation {:.2f})", *follows)
            : std::string();
    return {true, mostly + " and grows that way when load does (" + shape + ")" + measured +
                      ": published with import negative, turned round"};
}

}  // namespace headroom::telemetry
