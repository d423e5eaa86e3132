#include "sim/power_ledger.hpp"

#include <algorithm>
#include <chrono>

namespace headroom::sim {

namespace {

std::int64_t half_hour_of(UtcTime at) {
    const auto since = at.time_since_epoch();
    const std::int64_t count = since / period_length;
    return since % period_length < milliseconds{0} ? count - 1 : count;
}

/// The last half-hour that [.., to) touches.
std::int64_t last_before(UtcTime to) {
    return half_hour_of(to - milliseconds{1});
}

}  // namespace

Watts PowerLedger::left(const std::string& der, Watts most, UtcTime from, UtcTime to,
                        const std::string& transaction) const {
    const auto sold = sold_.find(der);
    if (sold == sold_.end() || to <= from) {
        return most;
    }
    const HalfHours* own = nullptr;
    if (const auto held = held_.find(transaction); held != held_.end()) {
        if (const auto mine = held->second.by_der.find(der); mine != held->second.by_der.end()) {
            own = &mine->second;
        }
    }
    std::int64_t left = most.value;
    const auto end = sold->second.upper_bound(last_before(to));
    for (auto entry = sold->second.lower_bound(half_hour_of(from)); entry != end; ++entry) {
        std::int64_t others = entry->second;
        if (own != nullptr) {
            const auto mine = own->find(entry->first);
            others -= mine == own->end() ? 0 : mine->second;
        }
        left = std::min(left, most.value - others);
    }
    return Watts{std::max<std::int64_t>(left, 0)};
}

void PowerLedger::hold(const std::string& transaction,
                       std::vector<std::pair<std::string, flex::IntervalGrid>> lines,
                       std::optional<UtcTime> until) {
    release(transaction);
    Held held{{}, until};
    for (const auto& [der, grid] : lines) {
        HalfHours of_line;
        for (std::size_t slot = 0; slot < grid.values.size(); ++slot) {
            const std::int64_t last = last_before(grid.time_of(slot + 1));
            for (std::int64_t at = half_hour_of(grid.time_of(slot)); grid.values[slot] > 0 && at <= last;
                 ++at) {
                of_line[at] = std::max(of_line[at], grid.values[slot]);
            }
        }
        for (const auto& [at, watts] : of_line) {
            held.by_der[der][at] += watts;
            sold_[der][at] += watts;
        }
    }
    if (held.by_der.empty()) {
        return;
    }
    if (until) {
        ending_.emplace(*until, transaction);
    }
    held_.insert_or_assign(transaction, std::move(held));
}

void PowerLedger::release(const std::string& transaction) {
    const auto held = held_.find(transaction);
    if (held == held_.end()) {
        return;
    }
    for (const auto& [der, half_hours] : held->second.by_der) {
        HalfHours& sold = sold_[der];
        for (const auto& [at, watts] : half_hours) {
            const auto entry = sold.find(at);
            entry->second -= watts;
            if (entry->second == 0) {
                sold.erase(entry);
            }
        }
        if (sold.empty()) {
            sold_.erase(der);
        }
    }
    held_.erase(held);
}

void PowerLedger::expire(UtcTime now) {
    while (!ending_.empty() && ending_.begin()->first <= now) {
        const auto [when, transaction] = *ending_.begin();
        ending_.erase(ending_.begin());
        const auto held = held_.find(transaction);
        // The transaction may have been confirmed or quoted again since.
        if (held != held_.end() && held->second.until == when) {
            release(transaction);
        }
    }
}

Watts PowerLedger::sold(const std::string& der, UtcTime at) const {
    const auto found = sold_.find(der);
    if (found == sold_.end()) {
        return Watts{};
    }
    const auto entry = found->second.find(half_hour_of(at));
    return Watts{entry == found->second.end() ? 0 : entry->second};
}

}  // namespace headroom::sim
