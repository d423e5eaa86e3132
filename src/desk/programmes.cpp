#include "desk/programmes.hpp"

#include "core/units.hpp"
#include "desk/amounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace headroom::desk {
namespace {

constexpr milliseconds day_long{hours{24}};

std::string clock_text(std::int64_t minute) {
    return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

/// "16:30" to "24:00".
std::optional<std::int64_t> minute_of(std::string_view text) {
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    if (text.size() != 5 || text[2] != ':' || std::from_chars(begin, begin + 2, hour).ptr != begin + 2 ||
        std::from_chars(begin + 3, end, minute).ptr != end) {
        return std::nullopt;
    }
    const std::int64_t of_day = hour * 60 + minute;
    return hour < 0 || minute < 0 || minute > 59 || of_day > 1440 ? std::nullopt : std::optional(of_day);
}

Error invalid(const char* member, std::string message) {
    return {Errc::invalid, std::move(message), member};
}

}  // namespace

ProgrammeAnswer programme_answer(const flex::ProgrammeBook& book, const flex::Programme& programme,
                                 UtcTime now) {
    ProgrammeAnswer out{.programme_id = programme.id, .name = programme.name, .terms = programme.terms};
    for (const flex::ContractKind kind : programme.products) {
        out.products.emplace_back(to_string(kind));
    }
    for (const grid::DerClass der_class : programme.classes) {
        out.der_classes.emplace_back(to_string(der_class));
    }
    out.from = programme.from;
    out.until = programme.until;
    out.day_from = clock_text(programme.day_from_min);
    out.day_until = clock_text(programme.day_until_min);
    out.working_days_only = programme.working_days_only;
    out.test_share = static_cast<double>(programme.qualify_ppm) / static_cast<double>(whole_ppm);
    out.test_valid_days = programme.qualified_for / day_long;
    out.open_now = flex::is_open(programme, floor_period(now));
    for (const flex::Enrolment& enrolment : book.enrolments) {
        if (enrolment.programme != programme.id) {
            continue;
        }
        const flex::Standing standing = flex::standing_at(programme, enrolment, now);
        out.enrolled += standing != flex::Standing::withdrawn ? 1 : 0;
        if (standing == flex::Standing::eligible) {
            out.eligible += 1;
            out.eligible_kw += kw_of(enrolment.power);
        }
    }
    return out;
}

std::vector<ProgrammeAnswer> programme_answers(const agents::Programmes& programmes, UtcTime now) {
    std::vector<ProgrammeAnswer> out;
    for (const flex::Programme& programme : programmes.book().programmes) {
        out.push_back(programme_answer(programmes.book(), programme, now));
    }
    return out;
}

EnrolmentAnswer enrolment_answer(const agents::Programmes& programmes, const grid::Network& network,
                                 const flex::Enrolment& enrolment, UtcTime now) {
    EnrolmentAnswer out{.programme_id = enrolment.programme,
                        .der_id = enrolment.der,
                        .provider = enrolment.provider,
                        .power_kw = kw_of(enrolment.power),
                        .consent_by = enrolment.consent_by,
                        .consent_from = enrolment.consent_from,
                        .consent_until = enrolment.consent_until,
                        .withdrawn_at = enrolment.withdrawn};
    if (const grid::Der* der = network.der(enrolment.der)) {
        out.der_class = grid::to_string(der->der_class);
        out.feeder_id = der->feeder.value;
    }
    if (const flex::Programme* programme = programmes.programme(enrolment.programme)) {
        out.standing = to_string(flex::standing_at(*programme, enrolment, now));
        out.qualified_until = flex::qualified_until(*programme, enrolment);
    }
    if (enrolment.test) {
        out.tested_at = enrolment.test->at;
        out.tested_kw = kw_of(enrolment.test->asked);
        out.delivered_kw = kw_of(enrolment.test->delivered);
        out.evidence = enrolment.test->evidence;
    }
    if (enrolment.suspension) {
        out.suspended_from = enrolment.suspension->from;
        out.suspended_until = enrolment.suspension->until;
        out.suspended_because = enrolment.suspension->reason;
    }
    return out;
}

Result<Page<EnrolmentAnswer>> enrolment_answers(const agents::Programmes& programmes,
                                                const grid::Network& network, UtcTime now,
                                                const EnrolmentQuery& query) {
    if (!query.programme.empty() && programmes.programme(query.programme) == nullptr) {
        return Error{Errc::not_found, "no programme " + query.programme, "/programme"};
    }
    std::vector<EnrolmentAnswer> all;
    for (const flex::Enrolment& enrolment : programmes.book().enrolments) {
        const bool is_asked = (query.programme.empty() || enrolment.programme == query.programme) &&
                              (query.der.empty() || enrolment.der == query.der);
        const flex::Programme* programme = programmes.programme(enrolment.programme);
        if (is_asked &&
            (!query.standing ||
             (programme != nullptr && flex::standing_at(*programme, enrolment, now) == *query.standing))) {
            all.push_back(enrolment_answer(programmes, network, enrolment, now));
        }
    }
    return page_of_list(std::move(all), query.page);
}

Result<flex::Programme> programme_of(const ProgrammeTerms& terms) {
    flex::Programme out{.id = terms.id, .name = terms.name, .terms = terms.terms};
    for (const std::string& word : terms.products) {
        const std::optional<flex::ContractKind> kind = flex::parse_contract_kind(word);
        if (!kind) {
            return invalid("/products", "'" + word + "' is none of framework, availability and spot");
        }
        out.products.push_back(*kind);
    }
    for (const std::string& word : terms.der_classes) {
        const std::optional<grid::DerClass> der_class = grid::parse_der_class(word);
        if (!der_class) {
            return invalid("/der_classes", "'" + word + "' is none of " + grid::der_class_words());
        }
        out.classes.push_back(*der_class);
    }
    out.from = terms.from;
    out.until = terms.until;
    const std::optional<std::int64_t> day_from = minute_of(terms.day_from);
    const std::optional<std::int64_t> day_until = minute_of(terms.day_until);
    if (!day_from || !day_until) {
        return invalid(day_from ? "/day_until" : "/day_from", "a clock time is written 16:00");
    }
    out.day_from_min = *day_from;
    out.day_until_min = *day_until;
    out.working_days_only = terms.working_days_only;
    if (!(terms.test_share >= 0.0 && terms.test_share <= 1.0)) {
        return invalid("/test_share", "a share lies between 0 and 1");
    }
    out.qualify_ppm = std::llround(terms.test_share * static_cast<double>(whole_ppm));
    if (terms.test_valid_days < 0 || terms.test_valid_days > 3653) {
        return invalid("/test_valid_days", "a test counts for 0 to 3653 days");
    }
    out.qualified_for = day_long * terms.test_valid_days;
    if (const Result<void> fits = flex::check(out); !fits) {
        return fits.error();
    }
    return out;
}

Result<flex::QualificationTest> test_of_event(const agents::EventRecord& event,
                                              const settlement::Statement& statement,
                                              const std::string& der) {
    std::int64_t asked_w = 0;
    for (const agents::Assignment& assignment : event.assignments) {
        if (assignment.der == der) {
            for (const std::int64_t power : assignment.power_w.values) {
                asked_w = std::max(asked_w, power);
            }
        }
    }
    std::int64_t instructed_wh = 0;
    std::int64_t delivered_wh = 0;
    for (const settlement::StatementLine& line : statement.lines) {
        if (line.der == der) {
            if (line.state != "VERIFIED") {
                return Error{Errc::conflict,
                             "the delivery of " + der + " is " + line.state + ", not VERIFIED"};
            }
            instructed_wh += line.instructed.value;
            delivered_wh += line.delivered.value;
        }
    }
    if (asked_w == 0) {
        return Error{Errc::not_found, "event " + event.id().value + " did not use " + der, "/event_id"};
    }
    if (instructed_wh <= 0) {
        return Error{Errc::conflict, der + " was not told anything in event " + event.id().value,
                     "/event_id"};
    }
    using Wide = __int128;
    const Wide delivered_w = Wide{asked_w} * delivered_wh / instructed_wh;
    const Wide most{flex::offer_power_max.value};
    return flex::QualificationTest{
        .at = event.overload.start,
        .asked = Watts{asked_w},
        .delivered = Watts{static_cast<std::int64_t>(std::clamp(delivered_w, -most, most))},
        .evidence = event.id().value};
}

}  // namespace headroom::desk
