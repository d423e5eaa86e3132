#include "app/replay_first_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace headroom::app {
namespace {

using telemetry::Going;
using telemetry::PointRef;
using telemetry::Reading;

constexpr std::size_t history_values_max = 16'000'000;

bool is_before(const Reading& a, const Reading& b) {
    return std::tie(a.interval_end, a.seq, a.point) < std::tie(b.interval_end, b.seq, b.point);
}

}  // namespace

Result<Going> ReplayFirstPass::take(const std::vector<Reading>& readings,
                                    const telemetry::PointRegistry& registry, const std::string& file_name) {
    for (const Reading& reading : readings) {
        is_sorted_ = is_sorted_ && (count_ == 0 || reading.interval_end >= newest_);
        newest_ = reading.interval_end;
        ++count_;
        if (keeps_history_ && registry.key(reading.point).quantity == grid::Quantity::p_kw) {
            remember(reading);
        }
    }
    if (is_held_ && count_ <= readings_held_max_) {
        held_.insert(held_.end(), readings.begin(), readings.end());
        return Going::on;
    }
    if (!is_sorted_) {
        return Error{Errc::invalid,
                     fmt::format("{} has more than {} readings and they are not in the order of "
                                 "time; sort it by time",
                                 file_name, readings_held_max_)};
    }
    is_held_ = false;
    held_ = {};
    return Going::on;
}

const std::vector<Reading>& ReplayFirstPass::sorted() {
    HEADROOM_ASSERT(is_held_);
    if (!is_sorted_) {
        std::sort(held_.begin(), held_.end(), is_before);
        is_sorted_ = true;
    }
    return held_;
}

const std::vector<double>* ReplayFirstPass::history(PointRef point) const {
    return point < histories_.size() && !histories_[point].empty() ? &histories_[point] : nullptr;
}

void ReplayFirstPass::remember(const Reading& reading) {
    if (histories_.size() <= reading.point) {
        histories_.resize(reading.point + std::size_t{1});
        seen_.resize(histories_.size());
    }
    if (seen_[reading.point]++ % stride_ != 0) {
        return;
    }
    histories_[reading.point].push_back(reading.value);
    if (++remembered_ > history_values_max) {
        thin();
    }
}

void ReplayFirstPass::thin() {
    remembered_ = 0;
    stride_ *= 2;
    for (std::vector<double>& history : histories_) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < history.size(); i += 2) {
            history[kept++] = history[i];
        }
        history.resize(kept);
        remembered_ += kept;
    }
}

}  // namespace headroom::app
