#include "flex/programme.hpp"

#include "core/ids.hpp"
#include "core/units.hpp"
#include "flex/rule_hours.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace headroom::flex {
namespace {

constexpr milliseconds qualified_max{hours{24 * 366 * 10}};

constexpr std::array<std::string_view, 6> standings{"eligible",    "no_consent", "not_qualified",
                                                    "failed_test", "suspended",  "withdrawn"};

bool is_passed(const Programme& programme, const QualificationTest& test) {
    return test.delivered.value * whole_ppm >= test.asked.value * programme.qualify_ppm;
}

template <class T>
bool is_among(const std::vector<T>& list, T value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::string day_of(UtcTime time) {
    return format_utc(time).substr(0, 16) + "Z";
}

/// A sentence for a standing that bars the DER.
std::string why(const Programme& programme, const Enrolment& enrolment, Standing standing, UtcTime when) {
    switch (standing) {
        case Standing::withdrawn:
            return "has left " + programme.id + " on " + day_of(*enrolment.withdrawn);
        case Standing::suspended: {
            const Suspension& suspension = *enrolment.suspension;
            return "is suspended from " + programme.id +
                   (suspension.until ? " until " + day_of(*suspension.until) : "") + ": " + suspension.reason;
        }
        case Standing::no_consent:
            return "the consent for " + programme.id +
                   (when < enrolment.consent_from ? " begins on " + day_of(enrolment.consent_from)
                                                  : " ended on " + day_of(enrolment.consent_until));
        case Standing::failed_test:
            return "has not passed the test of " + programme.id + ": " +
                   std::to_string(enrolment.test->delivered.value) + " W of " +
                   std::to_string(enrolment.test->asked.value) + " W";
        case Standing::not_qualified:
            return enrolment.test ? "the test for " + programme.id + " counted until " +
                                        day_of(enrolment.test->at + programme.qualified_for)
                                  : "is not tested for " + programme.id + " yet";
        case Standing::eligible:
            break;
    }
    return {};
}

/// What of the offer does not fit the enrolment, whatever the time; empty when it fits.
std::string misfit(const Programme& programme, const Enrolment& enrolment, const Offer& offer,
                   ContractKind kind) {
    if (enrolment.provider != offer.provider) {
        return "is enrolled in " + programme.id + " through " + enrolment.provider + ", not " +
               offer.provider;
    }
    if (!is_among(programme.products, kind)) {
        return programme.id + " has no product " + std::string(to_string(kind));
    }
    if (!programme.classes.empty() && !is_among(programme.classes, offer.der_class)) {
        return programme.id + " is not for " + std::string(grid::to_string(offer.der_class));
    }
    return {};
}

Result<void> refuse(const char* member, std::string message) {
    return Error{Errc::invalid, std::move(message), member};
}

}  // namespace

std::string Enrolment::id() const {
    return programme + "/" + der;
}

std::string_view to_string(Standing standing) {
    return standings[static_cast<std::size_t>(standing)];
}

std::optional<Standing> parse_standing(std::string_view text) {
    const auto* const found = std::find(standings.begin(), standings.end(), text);
    return found == standings.end() ? std::nullopt
                                    : std::optional(static_cast<Standing>(found - standings.begin()));
}

std::optional<UtcTime> qualified_until(const Programme& programme, const Enrolment& enrolment) {
    if (programme.qualify_ppm == 0) {
        return programme.until;
    }
    if (!enrolment.test || !is_passed(programme, *enrolment.test)) {
        return std::nullopt;
    }
    return programme.qualified_for.count() == 0
               ? programme.until
               : std::min(programme.until, enrolment.test->at + programme.qualified_for);
}

Standing standing_at(const Programme& programme, const Enrolment& enrolment, UtcTime when) {
    if (enrolment.withdrawn && when >= *enrolment.withdrawn) {
        return Standing::withdrawn;
    }
    if (enrolment.suspension && when >= enrolment.suspension->from &&
        (!enrolment.suspension->until || when < *enrolment.suspension->until)) {
        return Standing::suspended;
    }
    if (when < enrolment.consent_from || when >= enrolment.consent_until) {
        return Standing::no_consent;
    }
    if (programme.qualify_ppm > 0) {
        const std::optional<UtcTime> until = qualified_until(programme, enrolment);
        if (!until) {
            return enrolment.test ? Standing::failed_test : Standing::not_qualified;
        }
        if (when >= *until) {
            return Standing::not_qualified;
        }
    }
    return Standing::eligible;
}

bool is_open(const Programme& programme, UtcTime start) {
    if (start < programme.from || start + period_length > programme.until) {
        return false;
    }
    const std::int64_t minute = local_minute_of_day(start);
    const bool is_past_midnight = programme.day_until_min <= programme.day_from_min;
    // A window that runs past midnight belongs to the day on which it begins.
    const bool is_of_day_before = is_past_midnight && minute < programme.day_until_min;
    const bool is_within = is_past_midnight
                               ? minute >= programme.day_from_min || is_of_day_before
                               : minute >= programme.day_from_min && minute < programme.day_until_min;
    if (!is_within || !programme.working_days_only) {
        return is_within;
    }
    const unsigned weekday = local_weekday(is_of_day_before ? start - hours{12} : start);
    return weekday >= 1 && weekday <= 5;
}

ProgrammeFit fit_of(const ProgrammeBook& book, const Offer& offer, ContractKind kind, UtcTime start,
                    std::size_t slots) {
    ProgrammeFit fit;
    const auto from =
        std::lower_bound(book.enrolments.begin(), book.enrolments.end(), offer.der,
                         [](const Enrolment& one, const std::string& der) { return one.der < der; });
    for (auto enrolment = from; enrolment != book.enrolments.end() && enrolment->der == offer.der;
         ++enrolment) {
        const auto programme =
            std::find_if(book.programmes.begin(), book.programmes.end(),
                         [&](const Programme& one) { return one.id == enrolment->programme; });
        if (programme == book.programmes.end()) {
            continue;
        }
        std::string reason = misfit(*programme, *enrolment, offer, kind);
        std::vector<bool> open(slots, false);
        bool is_any = false;
        for (std::size_t slot = 0; slot < slots && reason.empty(); ++slot) {
            const UtcTime when = start + period_length * static_cast<std::int64_t>(slot);
            const Standing standing = standing_at(*programme, *enrolment, when);
            const Standing at_end =
                standing_at(*programme, *enrolment, when + period_length - milliseconds{1});
            open[slot] =
                is_open(*programme, when) && standing == Standing::eligible && at_end == Standing::eligible;
            is_any = is_any || open[slot];
        }
        if (reason.empty() && !is_any) {
            const Standing standing = standing_at(*programme, *enrolment, start);
            reason = standing != Standing::eligible ? why(*programme, *enrolment, standing, start)
                                                    : programme->id + " is not open in the window";
        }
        if (reason.empty()) {
            return {.programme = programme->id,
                    .open_slots = std::move(open),
                    .power = enrolment->power,
                    .reason = {}};
        }
        fit.reason += (fit.reason.empty() ? "" : "; ") + reason;
    }
    if (fit.reason.empty()) {
        fit.reason = offer.der + " is enrolled in no programme";
    }
    return fit;
}

Result<void> check(const Programme& programme) {
    if (!is_valid_id(programme.id)) {
        return refuse("/id",
                      "'" + programme.id + "' is no id: letters, digits, '.', '_' and '-', at most 64");
    }
    if (programme.name.empty()) {
        return refuse("/name", "a programme has a name");
    }
    if (programme.products.empty()) {
        return refuse("/products", "at least one of framework, availability and spot is needed");
    }
    if (programme.until <= programme.from) {
        return refuse("/until", "the programme ends before it begins");
    }
    if (programme.day_from_min < 0 || programme.day_from_min >= day_minutes) {
        return refuse("/day_from_min", "minutes after midnight lie between 0 and 1439");
    }
    if (programme.day_until_min < 0 || programme.day_until_min > day_minutes ||
        programme.day_until_min == programme.day_from_min) {
        return refuse("/day_until_min",
                      "minutes after midnight lie between 0 and 1440 and differ from the begin");
    }
    if (programme.qualify_ppm < 0 || programme.qualify_ppm > whole_ppm) {
        return refuse("/qualify_ppm", "a share in ppm lies between 0 and 1000000");
    }
    if (programme.qualified_for.count() < 0 || programme.qualified_for > qualified_max) {
        return refuse("/qualified_for_ms", "a test counts for ten years at most");
    }
    return {};
}

Result<void> check(const Enrolment& enrolment) {
    if (!is_valid_id(enrolment.programme)) {
        return refuse("/programme", "'" + enrolment.programme + "' is no id");
    }
    if (!is_valid_id(enrolment.der)) {
        return refuse("/der", "'" + enrolment.der + "' is no id");
    }
    if (enrolment.provider.empty()) {
        return refuse("/provider", "an enrolment names the provider that offers the DER");
    }
    if (enrolment.power.value <= 0 || enrolment.power > offer_power_max) {
        return refuse("/power_w", "the enrolled power must lie above 0 and at most at 100 MW");
    }
    if (enrolment.consent_by.empty()) {
        return refuse("/consent_by", "somebody has to agree on the site's behalf");
    }
    if (enrolment.consent_until <= enrolment.consent_from) {
        return refuse("/consent_until", "the consent ends before it begins");
    }
    if (enrolment.test && (enrolment.test->asked.value <= 0 || enrolment.test->asked > offer_power_max)) {
        return refuse("/test/asked_w", "a test asks for more than 0 and at most 100 MW");
    }
    if (enrolment.suspension && enrolment.suspension->reason.empty()) {
        return refuse("/suspension/reason", "a suspension has a reason");
    }
    return {};
}

}  // namespace headroom::flex
