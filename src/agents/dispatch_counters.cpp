#include "agents/dispatch_counters.hpp"

#include <algorithm>
#include <iterator>

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

void DispatchCounters::Minute::add(UtcTime at, const std::string& id, Watts change) {
    // At the end, but for a clock that was set back.
    const auto place = std::upper_bound(sent_.begin(), sent_.end(), at,
                                        [](UtcTime now, const Sent& each) { return now < each.at; });
    sent_.insert(place, {.at = at, .id = id, .change = change});
    sum_ += change;
}

void DispatchCounters::Minute::remove(const std::string& id) {
    const auto found =
        std::find_if(sent_.rbegin(), sent_.rend(), [&id](const Sent& each) { return each.id == id; });
    if (found != sent_.rend()) {
        sum_ -= found->change;
        sent_.erase(std::next(found).base());
    }
}

void DispatchCounters::Minute::forget(UtcTime now) {
    while (!sent_.empty() && sent_.front().at + rate_window <= now) {
        sum_ -= sent_.front().change;
        sent_.pop_front();
    }
}

Watts DispatchCounters::Minute::sum_at(UtcTime now) const {
    Watts sum = sum_;
    for (auto each = sent_.begin(); each != sent_.end() && each->at + rate_window <= now; ++each) {
        sum -= each->change;
    }
    return sum;
}

Watts DispatchCounters::sum_of(const Minutes& minutes, const std::string& element, UtcTime now) {
    const auto found = minutes.find(element);
    return found == minutes.end() ? Watts{} : found->second.sum_at(now);
}

void DispatchCounters::fill(dispatch::guard::GuardQuestion& question) const {
    const UtcTime start = question.instruction.start;
    question.feeder_power_last_minute = sum_of(by_feeder_, question.feeder, question.now);
    question.substation_power_last_minute = sum_of(by_substation_, question.substation, question.now);
    question.starts_same_moment =
        std::distance(std::upper_bound(moments_.begin(), moments_.end(), start - same_moment),
                      std::lower_bound(moments_.begin(), moments_.end(), start + same_moment));
    const auto starts = starts_.find(day_key(question.instruction.der, start));
    question.der_starts_today = starts == starts_.end() ? 0 : starts->second;
}

void DispatchCounters::add(const dispatch::guard::GuardQuestion& question) {
    // A start ahead is kept until its own moment has passed, and as long behind it as power is counted.
    const UtcTime gone = question.now - same_moment - rate_window;
    moments_.erase(moments_.begin(), std::upper_bound(moments_.begin(), moments_.end(), gone));
    const Date yesterday{std::chrono::sys_days(settlement_period(question.now).date) - std::chrono::days{1}};
    starts_.erase(starts_.begin(), starts_.lower_bound({yesterday, std::string()}));
    if (!counts(question)) {
        return;
    }
    const dispatch::Instruction& instruction = question.instruction;
    for (Minute* minute : {&by_feeder_[question.feeder], &by_substation_[question.substation]}) {
        minute->forget(question.now);
        minute->add(question.now, instruction.id.value, instruction.change);
    }
    moments_.insert(std::upper_bound(moments_.begin(), moments_.end(), instruction.start), instruction.start);
    add_start(instruction.der, instruction.start);
}

void DispatchCounters::remove(const dispatch::guard::GuardQuestion& question) {
    if (!counts(question)) {
        return;
    }
    const dispatch::Instruction& instruction = question.instruction;
    for (const auto& [minutes, element] :
         {std::pair(&by_feeder_, &question.feeder), std::pair(&by_substation_, &question.substation)}) {
        if (const auto found = minutes->find(*element); found != minutes->end()) {
            found->second.remove(instruction.id.value);
        }
    }
    const auto moment = std::lower_bound(moments_.begin(), moments_.end(), instruction.start);
    if (moment != moments_.end() && *moment == instruction.start) {
        moments_.erase(moment);
    }
    const auto starts = starts_.find(day_key(instruction.der, instruction.start));
    if (starts != starts_.end() && --starts->second == 0) {
        starts_.erase(starts);
    }
}

void DispatchCounters::add_start(const std::string& der, UtcTime start) {
    ++starts_[day_key(der, start)];
}

}  // namespace headroom::agents
