#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "flex/contract_kind.hpp"
#include "flex/offer.hpp"
#include "grid/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::flex {

/// Terms under which flexibility may be bought: "the winter evenings of 2026/27 in the valley". DERs take
/// part by enrolment.
struct Programme {
    std::string id;
    std::string name;
    std::string terms;                    ///< the document and its version, or its address
    std::vector<ContractKind> products;   ///< what may be bought; at least one
    std::vector<grid::DerClass> classes;  ///< which DERs may enrol; empty: every class
    UtcTime from{};                       ///< half-open
    UtcTime until{};
    /// Daily window by the clock of Europe/London, minutes after midnight, half-open; one that ends before it
    /// begins runs past midnight.
    std::int64_t day_from_min = 0;
    std::int64_t day_until_min = 1440;
    bool working_days_only = false;  ///< Monday to Friday
    /// Share of what was asked that a qualification test must have delivered; 0: no test is needed.
    std::int64_t qualify_ppm = 0;
    milliseconds qualified_for{0};  ///< how long a passed test counts; 0: until the programme ends

    bool operator==(const Programme&) const = default;
};

/// A test dispatch, as it was measured.
struct QualificationTest {
    UtcTime at{};
    Watts asked{};         ///< > 0
    Watts delivered{};     ///< mean over the test, against the baseline
    std::string evidence;  ///< an event's id, or where the measurement is kept
    bool operator==(const QualificationTest&) const = default;
};

struct Suspension {
    UtcTime from{};
    std::optional<UtcTime> until;  ///< nothing: until it is lifted
    std::string reason;
    bool operator==(const Suspension&) const = default;
};

/// A DER's part in a programme.
struct Enrolment {
    std::string programme;
    std::string der;
    std::string provider;    ///< who may offer it under the programme
    Watts power{};           ///< largest change that is enrolled, > 0
    std::string consent_by;  ///< who agreed on the site's behalf
    UtcTime consent_from{};
    UtcTime consent_until{};
    std::optional<QualificationTest> test;  ///< the newest
    std::optional<Suspension> suspension;
    std::optional<UtcTime> withdrawn;

    /// "WINTER-26/BAT-17".
    [[nodiscard]] std::string id() const;
    bool operator==(const Enrolment&) const = default;
};

/// Everything that is known, sorted: programmes by id, enrolments by (der, programme).
struct ProgrammeBook {
    std::vector<Programme> programmes;
    std::vector<Enrolment> enrolments;
    bool operator==(const ProgrammeBook&) const = default;
};

/// Where a DER stands, on the day that is asked for.
enum class Standing : std::uint8_t { eligible, no_consent, not_qualified, failed_test, suspended, withdrawn };
[[nodiscard]] std::string_view to_string(Standing standing);
[[nodiscard]] std::optional<Standing> parse_standing(std::string_view text);
[[nodiscard]] Standing standing_at(const Programme& programme, const Enrolment& enrolment, UtcTime when);
/// A passed test's last moment; nothing when there is no test, or it was not passed.
[[nodiscard]] std::optional<UtcTime> qualified_until(const Programme& programme, const Enrolment& enrolment);

/// Whether the half-hour from `start` lies in the programme's dates and daily window.
[[nodiscard]] bool is_open(const Programme& programme, UtcTime start);

/// Under which programme an offer may be used, and in which half-hours.
struct ProgrammeFit {
    std::string programme;         ///< empty when it may not be used at all
    std::vector<bool> open_slots;  ///< by half-hour
    Watts power{};                 ///< largest that is enrolled
    std::string reason;            ///< why not, for the operator
};

/// The first programme, by id, under which `offer` may be bought as `kind` in one of `slots` half-hours from
/// `start` on. Pure.
[[nodiscard]] ProgrammeFit fit_of(const ProgrammeBook& book, const Offer& offer, ContractKind kind,
                                  UtcTime start, std::size_t slots);

/// Errors: `invalid` naming the member: an id not of our form, no product, an end before the begin …
[[nodiscard]] Result<void> check(const Programme& programme);
[[nodiscard]] Result<void> check(const Enrolment& enrolment);

[[nodiscard]] json::Value to_json(const Programme& programme);
[[nodiscard]] Result<Programme> programme_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const Enrolment& enrolment);
[[nodiscard]] Result<Enrolment> enrolment_from_json(const json::Value& value);
[[nodiscard]] json::Value to_json(const ProgrammeBook& book);
[[nodiscard]] Result<ProgrammeBook> programme_book_from_json(const json::Value& value);

}  // namespace headroom::flex
