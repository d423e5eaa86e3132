#include "flex/rules.hpp"

#include "flex/ladder.hpp"
#include "flex/rule_hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headroom::flex {
namespace {

bool is_same_selection(const OperatorRule& a, const OperatorRule& b) {
    return a.ders == b.ders && a.providers == b.providers && a.kinds == b.kinds && a.feeders == b.feeders &&
           a.zones == b.zones;
}

bool share_a_der(const OperatorRule& a, const OperatorRule& b) {
    return std::any_of(a.ders.begin(), a.ders.end(), [&b](const std::string& der) {
        return std::find(b.ders.begin(), b.ders.end(), der) != b.ders.end();
    });
}

bool never_meet(const OperatorRule& a, const OperatorRule& b) {
    for (int minute = 0; minute < day_minutes; ++minute) {
        if (lies_between(minute, minute_of_day(a.from).value_or(0), minute_of_day(a.until).value_or(0)) &&
            lies_between(minute, minute_of_day(b.from).value_or(0), minute_of_day(b.until).value_or(0))) {
            return false;
        }
    }
    return true;
}

std::string both(const OperatorRule& a, const OperatorRule& b, std::string_view why) {
    return fmt::format("rules {} and {} contradict each other: {}", a.id, b.id, why);
}

bool is_probability(const std::optional<double>& share) {
    return share && (*share == 0.0 || *share >= 0.5);
}

void check_alone(const OperatorRule& rule, std::vector<std::string>& faults) {
    static const std::set<std::string, std::less<>> actions{
        "never_ask", "always_allow", "price_ceiling", "only_between", "starts_at_most",
        "prefer",    "rotate",       "budget",        "ask_a_person", "certainty"};
    static const std::set<std::string, std::less<>> spans{"", "plan", "day", "week", "month", "year"};
    if (!actions.contains(rule.action)) {
        faults.push_back(fmt::format("rule {}: '{}' is no action", rule.id, rule.action));
    }
    if (rule.action == "price_ceiling" && !rule.gbp_per_kwh) {
        faults.push_back(fmt::format("rule {}: a price_ceiling needs gbp_per_kwh", rule.id));
    }
    if (rule.action == "rotate" && !rule.gbp_per_kwh) {
        faults.push_back(fmt::format("rule {}: rotate needs gbp_per_kwh", rule.id));
    }
    if (rule.action == "rotate" && rule.per == "plan") {
        faults.push_back(fmt::format("rule {}: rotate counts a day, week, month or year", rule.id));
    }
    if (rule.action == "prefer" && !rule.rank) {
        faults.push_back(fmt::format("rule {}: prefer needs rank", rule.id));
    }
    if ((rule.action == "budget" || rule.action == "ask_a_person") && !rule.gbp) {
        faults.push_back(fmt::format("rule {}: {} needs gbp", rule.id, rule.action));
    }
    if (!spans.contains(rule.per)) {
        faults.push_back(
            fmt::format("rule {}: '{}' is none of plan, day, week, month, year", rule.id, rule.per));
    }
    const bool is_of_plans = rule.action == "ask_a_person" || rule.action == "certainty";
    if (is_of_plans && !(rule.ders.empty() && rule.providers.empty() && rule.kinds.empty())) {
        faults.push_back(
            fmt::format("rule {}: {} is about whole plans: feeders and zones only", rule.id, rule.action));
    }
    if (rule.action == "certainty" && !is_probability(rule.probability)) {
        faults.push_back(
            fmt::format("rule {}: certainty needs a probability of 0.5 to 0.999, or 0", rule.id));
    }
    if (rule.action == "starts_at_most" && !rule.starts) {
        faults.push_back(fmt::format("rule {}: starts_at_most needs starts", rule.id));
    }
    if (rule.action == "only_between" &&
        (!minute_of_day(rule.from) || !minute_of_day(rule.until) || rule.from == rule.until)) {
        faults.push_back(
            fmt::format("rule {}: only_between needs from and until, two times like 16:30", rule.id));
    }
}

void check_pair(const OperatorRule& a, const OperatorRule& b, std::vector<std::string>& faults) {
    if (a.id == b.id) {
        faults.push_back(both(a, b, "they have the same id"));
    }
    const bool is_ban = a.action == "never_ask" && b.action == "always_allow";
    const bool is_ban_turned = b.action == "never_ask" && a.action == "always_allow";
    if ((is_ban || is_ban_turned) && (is_same_selection(a, b) || share_a_der(a, b))) {
        faults.push_back(both(a, b, "one bans whom the other allows"));
    }
    if (a.action != b.action || !is_same_selection(a, b)) {
        return;
    }
    if (a.action == "price_ceiling" && a.gbp_per_kwh != b.gbp_per_kwh) {
        faults.push_back(both(a, b, "two ceilings for the same DERs"));
    }
    if (a.action == "prefer" && a.rank != b.rank) {
        faults.push_back(both(a, b, "two ranks for the same DERs"));
    }
    if (a.action == "budget" && a.per == b.per && a.gbp != b.gbp) {
        faults.push_back(both(a, b, "two budgets for the same DERs and time"));
    }
    if (a.action == "starts_at_most" && a.per == b.per && a.starts != b.starts) {
        faults.push_back(both(a, b, "two numbers of starts for the same DERs"));
    }
    if (a.action == "certainty" && a.probability != b.probability) {
        faults.push_back(both(a, b, "two probabilities for the same needs"));
    }
    if (a.action == "only_between" && never_meet(a, b)) {
        faults.push_back(both(a, b, "their hours never meet"));
    }
}

void check_ladder(const RuleBook& book, std::vector<std::string>& faults) {
    for (std::size_t i = 0; i < book.ladder.size(); ++i) {
        const LadderRung& rung = book.ladder[i];
        const std::string_view means = means_of(rung);
        if (means.empty()) {
            faults.push_back(
                fmt::format("rung {} ({}): '{}' is none of nothing, switching, armed, spot, "
                            "curtailable, mobile_generation, outside",
                            rung.rung, rung.name, rung.means));
        }
        if (means == "switching" && rung.is_sent) {
            faults.push_back(fmt::format("rung {} ({}): switching is recommended and recorded, never sent",
                                         rung.rung, rung.name));
        }
        if ((rung.rung >= 7 || means == "outside") && rung.is_sent) {
            faults.push_back(
                fmt::format("rung {} ({}): voltage reduction and disconnection are recommended and "
                            "recorded, never sent",
                            rung.rung, rung.name));
        }
        for (std::size_t k = i + 1; k < book.ladder.size(); ++k) {
            if (book.ladder[k].rung == rung.rung) {
                faults.push_back(fmt::format("rungs {} and {} contradict each other: both are number {}",
                                             rung.name, book.ladder[k].name, rung.rung));
            }
        }
    }
}

void check_primacy(const RuleBook& book, std::vector<std::string>& faults) {
    for (std::size_t i = 0; i < book.primacy.size(); ++i) {
        const PrimacyRule& rule = book.primacy[i];
        if (rule.wins != "theirs" && rule.wins != "ours") {
            faults.push_back(
                fmt::format("primacy of {}: '{}' is neither theirs nor ours", rule.service, rule.wins));
        }
        for (std::size_t k = i + 1; k < book.primacy.size(); ++k) {
            if (book.primacy[k].service == rule.service) {
                faults.push_back(
                    fmt::format("primacy rules {} and {} contradict each other: both are about {}", i + 1,
                                k + 1, rule.service));
            }
        }
    }
}

void check_rebound(const RuleBook& book, std::vector<std::string>& faults) {
    for (std::size_t i = 0; i < book.rebound.size(); ++i) {
        for (std::size_t k = i + 1; k < book.rebound.size(); ++k) {
            const ReboundRule& a = book.rebound[i];
            const ReboundRule& b = book.rebound[k];
            const bool is_shared = (a.ders.empty() && b.ders.empty()) ||
                                   std::any_of(a.ders.begin(), a.ders.end(), [&b](const std::string& der) {
                                       return std::find(b.ders.begin(), b.ders.end(), der) != b.ders.end();
                                   });
            if (a.kind == b.kind && is_shared) {
                faults.push_back(
                    fmt::format("rebound {} and {} contradict each other: both are about the same {}", i + 1,
                                k + 1, a.kind));
            }
        }
    }
}

}  // namespace

std::vector<std::string> contradictions(const RuleBook& book) {
    std::vector<std::string> faults;
    for (std::size_t i = 0; i < book.rules.size(); ++i) {
        check_alone(book.rules[i], faults);
    }
    if (!faults.empty()) {
        return faults;  // what rules mean together follows from what each means
    }
    for (std::size_t i = 0; i < book.rules.size(); ++i) {
        for (std::size_t k = i + 1; k < book.rules.size(); ++k) {
            check_pair(book.rules[i], book.rules[k], faults);
        }
        for (const std::string& der : book.protected_ders) {
            const std::vector<std::string>& named = book.rules[i].ders;
            if (book.rules[i].action == "always_allow" &&
                std::find(named.begin(), named.end(), der) != named.end()) {
                faults.push_back(
                    fmt::format("rule {} and protected_ders contradict each other: {} is protected",
                                book.rules[i].id, der));
            }
        }
    }
    if (book.probability && !is_probability(book.probability)) {
        faults.emplace_back("probability is neither 0 nor 0.5 to 0.999");
    }
    check_ladder(book, faults);
    check_primacy(book, faults);
    check_rebound(book, faults);
    return faults;
}

}  // namespace headroom::flex
