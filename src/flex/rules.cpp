#include "flex/rules.hpp"

#include "core/reflect_schema.hpp"
#include "core/settings_tree.hpp"
#include "core/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headroom::flex {
namespace {

constexpr int day_minutes = 24 * 60;

/// Minutes of "17:25", up to "24:00"; nothing for anything else.
std::optional<int> minutes_of(std::string_view text) {
    const auto digit = [text](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -100;
    };
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const int hours_part = digit(0) * 10 + digit(1);
    const int minutes_part = digit(3) * 10 + digit(4);
    const int at = hours_part * 60 + minutes_part;
    const bool is_sound = hours_part >= 0 && minutes_part >= 0 && digit(1) >= 0 && digit(4) >= 0 &&
                          minutes_part < 60 && at <= day_minutes;
    return is_sound ? std::optional(at) : std::nullopt;
}

bool lies_between(int minute, int from, int until) {
    return from <= until ? from <= minute && minute < until : minute >= from || minute < until;
}

bool is_same_selection(const OperatorRule& a, const OperatorRule& b) {
    return a.ders == b.ders && a.providers == b.providers && a.kinds == b.kinds && a.feeders == b.feeders;
}

bool share_a_der(const OperatorRule& a, const OperatorRule& b) {
    return std::any_of(a.ders.begin(), a.ders.end(), [&b](const std::string& der) {
        return std::find(b.ders.begin(), b.ders.end(), der) != b.ders.end();
    });
}

bool never_meet(const OperatorRule& a, const OperatorRule& b) {
    for (int minute = 0; minute < day_minutes; ++minute) {
        if (lies_between(minute, minutes_of(a.from).value_or(0), minutes_of(a.until).value_or(0)) &&
            lies_between(minute, minutes_of(b.from).value_or(0), minutes_of(b.until).value_or(0))) {
            return false;
        }
    }
    return true;
}

std::string both(const OperatorRule& a, const OperatorRule& b, std::string_view why) {
    return fmt::format("rules {} and {} contradict each other: {}", a.id, b.id, why);
}

void check_alone(const OperatorRule& rule, std::vector<std::string>& faults) {
    static const std::set<std::string, std::less<>> actions{"never_ask", "always_allow", "price_ceiling",
                                                            "only_between", "starts_at_most"};
    if (!actions.contains(rule.action)) {
        faults.push_back(fmt::format("rule {}: '{}' is no action", rule.id, rule.action));
    }
    if (rule.action == "price_ceiling" && !rule.gbp_per_kwh) {
        faults.push_back(fmt::format("rule {}: a price_ceiling needs gbp_per_kwh", rule.id));
    }
    if (rule.action == "starts_at_most" && !rule.starts) {
        faults.push_back(fmt::format("rule {}: starts_at_most needs starts", rule.id));
    }
    if (rule.action == "only_between" &&
        (!minutes_of(rule.from) || !minutes_of(rule.until) || rule.from == rule.until)) {
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
    if (a.action == "starts_at_most" && a.starts != b.starts) {
        faults.push_back(both(a, b, "two numbers of starts for the same DERs"));
    }
    if (a.action == "only_between" && never_meet(a, b)) {
        faults.push_back(both(a, b, "their hours never meet"));
    }
}

void check_ladder(const RuleBook& book, std::vector<std::string>& faults) {
    for (std::size_t i = 0; i < book.ladder.size(); ++i) {
        const LadderRung& rung = book.ladder[i];
        if (rung.rung >= 7 && rung.is_sent) {
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

bool fits(const std::vector<std::string>& chosen, const std::string& value) {
    return chosen.empty() || std::find(chosen.begin(), chosen.end(), value) != chosen.end();
}

bool is_about(const OperatorRule& rule, const PlanDer& der, const PlanNeed& need) {
    return fits(rule.ders, der.der_id) && fits(rule.providers, der.provider) && fits(rule.kinds, der.kind) &&
           fits(rule.feeders, need.feeder_id);
}

/// Leaves the slots whose whole length lies within the rule's hours.
void narrow_hours(const OperatorRule& rule, const PlanNeed& need, PlanDer& der) {
    const int from = *minutes_of(rule.from);
    const int until = *minutes_of(rule.until);
    const milliseconds step = minutes{need.step_minutes};
    std::vector<PlanWindow> windows;
    for (std::size_t t = 0; t < need.required_kw.size(); ++t) {
        const UtcTime begin = need.start + step * static_cast<std::int64_t>(t);
        const UtcTime end = begin + step;
        bool is_inside = true;
        for (UtcTime at = begin; at < end; at += minutes{1}) {
            is_inside = is_inside && lies_between(local_minute_of_day(at), from, until);
        }
        const bool was_open =
            !der.available ||
            std::any_of(der.available->begin(), der.available->end(),
                        [&](const PlanWindow& window) { return window.from <= begin && end <= window.to; });
        if (is_inside && was_open) {
            windows.push_back({begin, end});
        }
    }
    der.available = std::move(windows);
}

/// What the rule does to the DER; nothing when it changes nothing.
std::optional<RuleUse> apply(const OperatorRule& rule, const PlanNeed& need, PlanDer& der) {
    RuleUse use{.rule = rule.id, .der_id = der.der_id};
    if (rule.action == "never_ask") {
        use.is_refused = true;
        use.detail = rule.reason;
        return use;
    }
    if (rule.action == "price_ceiling" && der.price_gbp_per_kwh > *rule.gbp_per_kwh) {
        use.is_refused = true;
        use.detail = fmt::format("{:.4f} GBP/kWh is above the ceiling of {:.4f}: {}", der.price_gbp_per_kwh,
                                 *rule.gbp_per_kwh, rule.reason);
        return use;
    }
    if (rule.action == "starts_at_most" && der.max_activations.value_or(1'000) > *rule.starts) {
        der.max_activations = *rule.starts;
        use.detail = fmt::format("at most {} starts: {}", *rule.starts, rule.reason);
        return use;
    }
    if (rule.action == "only_between") {
        narrow_hours(rule, need, der);
        use.is_refused = der.available->empty();
        use.detail = fmt::format("only from {} to {}: {}", rule.from, rule.until, rule.reason);
        return use;
    }
    return std::nullopt;
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
    check_ladder(book, faults);
    return faults;
}

Result<RuleBook> read_rules(std::string_view text, const std::string& file) {
    json::Value defaults = to_json(RuleBook{});
    defaults.as_object()->erase("id");
    defaults.as_object()->erase("version");
    SettingsTree tree(json::Value(json_schema<RuleBook>()), *defaults.as_object());
    tree.add_toml(text, file);
    std::vector<Fault> faults;
    std::optional<RuleBook> book = read_json<RuleBook>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    std::string message;
    for (const SettingsFault& fault : tree.faults()) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    if (book && message.empty()) {
        for (const std::string& fault : contradictions(*book)) {
            message.append(message.empty() ? "" : "\n").append(file).append(": ").append(fault);
        }
    }
    if (!book || !message.empty()) {
        return Error{Errc::invalid, std::move(message)};
    }
    return std::move(*book);
}

std::vector<RuleUse> apply_rules(const RuleBook& book, PlanRequest& request) {
    std::vector<RuleUse> uses;
    std::vector<PlanDer> left;
    for (PlanDer& der : request.ders) {
        if (std::find(book.protected_ders.begin(), book.protected_ders.end(), der.der_id) !=
            book.protected_ders.end()) {
            uses.push_back({"protected_ders", der.der_id, true, "a protected site is never asked"});
            continue;
        }
        const bool is_free = std::any_of(book.rules.begin(), book.rules.end(), [&](const OperatorRule& rule) {
            return rule.action == "always_allow" && is_about(rule, der, request.need);
        });
        bool is_refused = false;
        for (const OperatorRule& rule : book.rules) {
            if (is_refused || is_free || !is_about(rule, der, request.need)) {
                continue;
            }
            if (std::optional<RuleUse> use = apply(rule, request.need, der)) {
                is_refused = use->is_refused;
                uses.push_back(std::move(*use));
            }
        }
        if (!is_refused) {
            left.push_back(std::move(der));
        }
    }
    request.ders = std::move(left);
    return uses;
}

std::vector<RungChoice> climb_ladder(const RuleBook& book, double minutes_to_limit) {
    std::vector<LadderRung> rungs = book.ladder;
    std::stable_sort(rungs.begin(), rungs.end(),
                     [](const LadderRung& a, const LadderRung& b) { return a.rung < b.rung; });
    std::vector<RungChoice> out;
    for (LadderRung& rung : rungs) {
        RungChoice choice{.rung = std::move(rung)};
        if (choice.rung.minutes > minutes_to_limit) {
            choice.skipped = fmt::format("it takes {:g} min, the limit is reached in {:g} min",
                                         choice.rung.minutes, minutes_to_limit);
        }
        out.push_back(std::move(choice));
    }
    return out;
}

}  // namespace headroom::flex
