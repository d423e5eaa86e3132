#include "agents/dispatch_counters.hpp"

#include <algorithm>

namespace headroom::agents {

namespace {

constexpr milliseconds rate_window = minutes{1};
constexpr milliseconds same_moment = seconds{10};

bool counts(const dispatch::guard::GuardQuestion& question) {
    return !question.is_renewal && question.instruction.kind != dispatch::InstructionKind::release;
}

std::pair<Date, std::string> day_key(const std::string& der, UtcTime start) {
    return {settlement_period(start).date, der};
}

}  // namespace

void DispatchCounters::fill(dispatch::guard::GuardQuestion& question) const {
    const UtcTime start = question.instruction.start;
    question.feeder_power_last_minute = Watts{};
    question.substation_power_last_minute = Watts{};
    question.starts_same_moment = 0;
    for (const Sent& sent : recent_) {
        if (sent.at + rate_window > question.now) {
            question.feeder_power_last_minute += sent.feeder == question.feeder ? sent.change : Watts{};
            question.substation_power_last_minute +=
                sent.substation == question.substation ? sent.change : Watts{};
        }
        if (std::chrono::abs(sent.start - start) < same_moment) {
            ++question.starts_same_moment;
        }
    }
    const auto starts = starts_.find(day_key(question.instruction.der, start));
    question.der_starts_today = starts == starts_.end() ? 0 : starts->second;
}

void DispatchCounters::add(const dispatch::guard::GuardQuestion& question) {
    forget(question.now);
    if (!counts(question)) {
        return;
    }
    const dispatch::Instruction& instruction = question.instruction;
    recent_.push_back({.at = question.now,
                       .start = instruction.start,
                       .id = instruction.id.value,
                       .feeder = question.feeder,
                       .substation = question.substation,
                       .change = instruction.change});
    add_start(instruction.der, instruction.start);
}

void DispatchCounters::remove(const dispatch::guard::GuardQuestion& question) {
    if (!counts(question)) {
        return;
    }
    const dispatch::Instruction& instruction = question.instruction;
    std::erase_if(recent_, [&instruction](const Sent& sent) { return sent.id == instruction.id.value; });
    const auto starts = starts_.find(day_key(instruction.der, instruction.start));
    if (starts != starts_.end() && --starts->second == 0) {
        starts_.erase(starts);
    }
}

void DispatchCounters::add_start(const std::string& der, UtcTime start) {
    ++starts_[day_key(der, start)];
}

void DispatchCounters::forget(UtcTime now) {
    // A scheduled start may lie ahead: it is kept until its own moment has passed.
    std::erase_if(recent_, [now](const Sent& sent) {
        return sent.at + rate_window <= now && sent.start + same_moment <= now;
    });
    const Date yesterday{std::chrono::sys_days(settlement_period(now).date) - std::chrono::days{1}};
    std::erase_if(starts_, [yesterday](const auto& item) { return item.first.first < yesterday; });
}

}  // namespace headroom::agents
