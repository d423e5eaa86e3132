#include "flex/ladder.hpp"

#include "flex/rule_select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace headroom::flex {
namespace {

constexpr std::array<std::string_view, 7> means_by_rung{"nothing",     "switching",         "armed",  "spot",
                                                        "curtailable", "mobile_generation", "outside"};

std::vector<LadderRung> shipped() {
    std::vector<LadderRung> out;
    out.push_back({.rung = 1,
                   .name = "nothing, within the cyclic or emergency rating",
                   .legal_basis = "the network's own ratings policy; IEC 60076-7 for transformers"});
    out.push_back({.rung = 2,
                   .name = "reconfigure",
                   .legal_basis = "switching programme under the distribution safety rules",
                   .minutes = 10});
    out.push_back({.rung = 3,
                   .name = "armed contracts",
                   .legal_basis = "availability contract of the flexibility services agreement",
                   .minutes = 1,
                   .is_sent = true});
    out.push_back({.rung = 4,
                   .name = "spot incentive",
                   .legal_basis = "flexibility services agreement, price taken on the day",
                   .minutes = 2,
                   .is_sent = true});
    out.push_back({.rung = 5,
                   .name = "curtailable and flexible connections",
                   .legal_basis = "the site's connection agreement",
                   .minutes = 2,
                   .is_sent = true,
                   .kinds = {"curtailable", "flexible_connection"}});
    out.push_back({.rung = 6,
                   .name = "mobile generation",
                   .legal_basis = "hire contract and the site owner's consent",
                   .minutes = 60,
                   .is_sent = true,
                   .kinds = {"mobile_generator"}});
    out.push_back({.rung = 7,
                   .name = "voltage reduction or disconnection",
                   .legal_basis = "Grid Code OC6; by an authorised person in the utility's own system",
                   .minutes = 15});
    return out;
}

/// The switching option that moves most in time, or why there is none.
LadderStep decide_switching(const LadderFacts& facts, LadderStep step) {
    const PlanSwitching* best = nullptr;
    std::string why = "no switching option is known";
    for (const PlanSwitching& option : facts.switching) {
        if (!option.refused.empty()) {
            why = option.id + ": " + option.refused;
            continue;
        }
        if (facts.time.minutes && option.minutes > *facts.time.minutes) {
            why = fmt::format("{} takes {:g} min, {:g} min are left", option.id, option.minutes,
                              *facts.time.minutes);
            continue;
        }
        if (best == nullptr || option.relief_kw > best->relief_kw) {
            best = &option;
        }
    }
    if (best == nullptr) {
        step.reason = why;
        return step;
    }
    step.outcome = "recommended";
    step.reason = fmt::format(
        "{}{}{} would move {:.0f} of {:.0f} kW in {:g} min; a person does it, and what is "
        "bought here does not count on it",
        best->id, best->detail.empty() ? "" : ": ", best->detail, best->relief_kw, facts.need_kw,
        best->minutes);
    return step;
}

LadderStep decide_purchase(const LadderRung& rung, std::string_view means, const LadderFacts& facts,
                           LadderStep step) {
    const auto found = std::find_if(facts.bought.begin(), facts.bought.end(),
                                    [means](const BoughtBy& by) { return by.means == means; });
    if (found != facts.bought.end() && found->ders > 0) {
        step.outcome = "taken";
        step.reason = fmt::format("{} DERs give up to {:.1f} kW for {:.2f} GBP", found->ders, found->peak_kw,
                                  found->gbp);
        return step;
    }
    const std::int64_t offered = found == facts.bought.end() ? 0 : found->offered;
    if (offered > 0 && !rung.is_sent && facts.left_kw > 0.0) {
        step.outcome = "recommended";
        step.reason =
            fmt::format("{} DERs could give what is missing ({:.1f} kW); it is not sent by Headroom", offered,
                        facts.left_kw);
    } else if (means == "armed" && !facts.is_armed) {
        step.reason = "the window has begun or is too near: what is bought is bought on the spot";
    } else if (means == "spot" && facts.is_armed) {
        step.reason = "the window lies ahead: what is bought is armed";
    } else if (facts.need_kw <= 0.0 || (facts.left_kw <= 0.0 && offered > 0)) {
        step.reason = "the rungs before cover the need";
    } else if (offered > 0) {
        step.reason = "what is offered is not worth its price, or is not there in time";
    } else {
        step.reason = "nobody offers anything of this kind";
    }
    return step;
}

LadderStep decide_outside(const LadderFacts& facts, LadderStep step) {
    if (facts.left_kw <= 0.0) {
        step.reason = "the rungs before cover the need";
        return step;
    }
    step.outcome = "recommended";
    step.reason = fmt::format(
        "{:.1f} kW stay uncovered; an authorised person decides and does it in the "
        "utility's own system. Recorded, never sent",
        facts.left_kw);
    return step;
}

}  // namespace

const std::vector<LadderRung>& default_ladder() {
    static const std::vector<LadderRung> ladder = shipped();
    return ladder;
}

std::vector<LadderRung> ladder_of(const RuleBook* book) {
    std::vector<LadderRung> ladder =
        book == nullptr || book->ladder.empty() ? default_ladder() : book->ladder;
    std::stable_sort(ladder.begin(), ladder.end(),
                     [](const LadderRung& a, const LadderRung& b) { return a.rung < b.rung; });
    return ladder;
}

std::string_view means_of(const LadderRung& rung) {
    if (rung.means.empty()) {
        const auto last = static_cast<std::int64_t>(means_by_rung.size());
        return means_by_rung[static_cast<std::size_t>(std::clamp<std::int64_t>(rung.rung, 1, last) - 1)];
    }
    const auto* found = std::find(means_by_rung.begin(), means_by_rung.end(), rung.means);
    return found == means_by_rung.end() ? std::string_view() : *found;
}

std::string too_slow(const LadderRung& rung, const TimeToLimit& time) {
    if (!time.minutes || rung.minutes <= *time.minutes) {
        return {};
    }
    return time.is_over
               ? fmt::format("it takes {:g} min, the limit is exceeded already and that lasts {:g} min",
                             rung.minutes, *time.minutes)
               : fmt::format("it takes {:g} min, the limit is reached in {:g} min", rung.minutes,
                             *time.minutes);
}

std::string_view means_for(const std::vector<LadderRung>& ladder, const std::string& der,
                           const std::string& kind, bool is_armed) {
    for (const LadderRung& rung : ladder) {
        const std::string_view means = means_of(rung);
        if ((means == "curtailable" || means == "mobile_generation") &&
            (holds(rung.kinds, kind) || holds(rung.ders, der))) {
            return means;
        }
    }
    return is_armed ? "armed" : "spot";
}

std::size_t place_of(const std::vector<LadderRung>& ladder, std::string_view means) {
    const auto found = std::find_if(ladder.begin(), ladder.end(),
                                    [means](const LadderRung& rung) { return means_of(rung) == means; });
    return static_cast<std::size_t>(found - ladder.begin());
}

std::string not_to_be_bought(const std::vector<LadderRung>& ladder, std::string_view means,
                             const TimeToLimit& time) {
    const std::size_t place = place_of(ladder, means);
    if (place == ladder.size()) {
        return "the ladder has no rung for " + std::string(means);
    }
    if (std::string slow = too_slow(ladder[place], time); !slow.empty()) {
        return fmt::format("rung {}: {}", ladder[place].rung, slow);
    }
    return ladder[place].is_sent
               ? std::string()
               : fmt::format("rung {} is recommended only, not sent by Headroom", ladder[place].rung);
}

bool takes_nothing(const std::vector<LadderRung>& ladder, const std::optional<DoingNothing>& nothing) {
    const std::size_t place = place_of(ladder, "nothing");
    return place < ladder.size() && ladder[place].is_sent && nothing && nothing->is_within;
}

std::vector<LadderStep> climb(const std::vector<LadderRung>& ladder, const LadderFacts& facts) {
    const bool is_left = takes_nothing(ladder, facts.nothing);
    std::vector<LadderStep> out;
    for (const LadderRung& rung : ladder) {
        const std::string_view means = means_of(rung);
        LadderStep step{
            .rung = rung.rung, .name = rung.name, .outcome = "skipped", .legal_basis = rung.legal_basis};
        if (std::string slow = too_slow(rung, facts.time); !slow.empty()) {
            step.reason = std::move(slow);
        } else if (means == "nothing") {
            step.reason = facts.nothing ? facts.nothing->detail : "no cyclic or emergency rating is known";
            step.outcome = is_left                                     ? "taken"
                           : facts.nothing && facts.nothing->is_within ? "recommended"
                                                                       : "skipped";
        } else if (is_left) {
            step.reason = "nothing needs to be done: an earlier rung is taken";
        } else if (means == "switching") {
            step = decide_switching(facts, std::move(step));
        } else if (means == "outside") {
            step = decide_outside(facts, std::move(step));
        } else {
            step = decide_purchase(rung, means, facts, std::move(step));
        }
        out.push_back(std::move(step));
    }
    return out;
}

}  // namespace headroom::flex
