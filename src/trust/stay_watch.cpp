#include "trust/stay_watch.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::trust {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr float no_record = -std::numeric_limits<float>::infinity();

}  // namespace

StayWatch::StayWatch(std::size_t phases, StayRules rules)
    : phases_(phases),
      rules_(rules),
      readings_(rules.smooth * phases, nothing),
      averages_(rules.stay * phases, nothing),
      lowest_((rules.beside + 1) * phases, nothing),
      records_(rules.slots * phases, Record{.now = no_record, .before = no_record}) {
    HEADROOM_ASSERT(phases > 0 && rules.smooth > 0 && rules.stay > 0 && rules.days > 0 &&
                    rules.slots > 2 * rules.beside + 1);
}

double StayWatch::worth(double tenths) const {
    const std::size_t days = std::min(seen_ / rules_.slots, rules_.days);
    if (tenths <= 0.0 || days == 0) {
        return 0.0;
    }
    return std::max(0.0, rules_.tenth_weight * std::min(tenths, rules_.tenths_max) +
                             rules_.day_weight * std::log(static_cast<double>(days)) - rules_.cost);
}

double StayWatch::record_of(std::size_t phase) const {
    float highest = no_record;
    for (std::size_t i = 0; i <= 2 * rules_.beside; ++i) {
        const Record& record =
            records_[((seen_ + rules_.slots + i - rules_.beside) % rules_.slots) * phases_ + phase];
        highest = std::max({highest, record.now, record.before});
    }
    return static_cast<double>(highest);
}

void StayWatch::enter(std::size_t slot) {
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        const double kw = lowest_[(slot % (rules_.beside + 1)) * phases_ + phase];
        if (std::isfinite(kw)) {
            float& record = records_[(slot % rules_.slots) * phases_ + phase].now;
            record = std::max(record, static_cast<float>(kw));
        }
    }
}

void StayWatch::take(std::span<const double> kw, std::span<const double> means_kw, bool is_doubted) {
    HEADROOM_ASSERT(kw.size() == phases_ && means_kw.size() == phases_);
    if (seen_ > 0 && seen_ % (rules_.days * rules_.slots) == 0) {
        for (Record& record : records_) {
            record = {.now = no_record, .before = record.now};
        }
    }
    if (seen_ > rules_.beside) {
        enter(seen_ - rules_.beside - 1);  // so that today is no part of the record that it is held against
    }
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t phase = 0; phase < phases_; ++phase) {
        readings_[(seen_ % rules_.smooth) * phases_ + phase] = kw[phase];
        double sum = 0.0;
        for (std::size_t i = 0; i < rules_.smooth; ++i) {
            sum += readings_[i * phases_ + phase];
        }
        averages_[(seen_ % rules_.stay) * phases_ + phase] = sum / static_cast<double>(rules_.smooth);
        double lowest = std::numeric_limits<double>::infinity();
        bool is_whole = true;
        for (std::size_t i = 0; i < rules_.stay; ++i) {
            const double average = averages_[i * phases_ + phase];
            is_whole = is_whole && std::isfinite(average);
            lowest = std::min(lowest, average);
        }
        lowest_[(seen_ % (rules_.beside + 1)) * phases_ + phase] = is_whole && !is_doubted ? lowest : nothing;
        const double record = record_of(phase);
        const bool can_tell = is_whole && std::isfinite(record) && means_kw[phase] > 0.0;
        least = std::min(least, can_tell ? (lowest - record) / (0.1 * means_kw[phase]) : 0.0);
    }
    tenths_ = std::max(0.0, least);
    ++seen_;
}

}  // namespace headroom::trust
