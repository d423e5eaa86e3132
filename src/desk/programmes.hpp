#pragma once

#include "agents/event_record.hpp"
#include "agents/programmes.hpp"
#include "desk/page.hpp"
#include "desk/programme_answers.hpp"
#include "flex/programme.hpp"
#include "grid/network.hpp"
#include "settlement/statement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

[[nodiscard]] ProgrammeAnswer programme_answer(const flex::ProgrammeBook& book,
                                               const flex::Programme& programme, UtcTime now);
[[nodiscard]] std::vector<ProgrammeAnswer> programme_answers(const agents::Programmes& programmes,
                                                             UtcTime now);

struct EnrolmentQuery {
    std::string programme = {};                   ///< empty: all
    std::string der = {};                         ///< empty: all
    std::optional<flex::Standing> standing = {};  ///< now
    PageRequest page = {};
};
[[nodiscard]] EnrolmentAnswer enrolment_answer(const agents::Programmes& programmes,
                                               const grid::Network& network, const flex::Enrolment& enrolment,
                                               UtcTime now);
/// By DER, then by programme. Errors: `invalid` for a cursor that is none, `not_found` for an unknown
/// programme.
[[nodiscard]] Result<Page<EnrolmentAnswer>> enrolment_answers(const agents::Programmes& programmes,
                                                              const grid::Network& network, UtcTime now,
                                                              const EnrolmentQuery& query);

/// What a person writes of a programme: kW, clock times and days instead of whole milliseconds.
struct ProgrammeTerms {
    std::string id = {};
    std::string name = {};
    std::string terms = {};
    std::vector<std::string> products = {};
    std::vector<std::string> der_classes = {};
    UtcTime from{};
    UtcTime until{};
    std::string day_from = "00:00";
    std::string day_until = "24:00";
    bool working_days_only = false;
    double test_share = 0.0;
    std::int64_t test_valid_days = 0;
};
/// Errors: `invalid` naming the member.
[[nodiscard]] Result<flex::Programme> programme_of(const ProgrammeTerms& terms);

/// A test out of an event that was settled: the largest power that was contracted from the DER, and the share
/// of the instructed energy that was delivered. Errors: `not_found` when the event did not use the DER,
/// `conflict` when its delivery is not verified or nothing was instructed.
[[nodiscard]] Result<flex::QualificationTest> test_of_event(const agents::EventRecord& event,
                                                            const settlement::Statement& statement,
                                                            const std::string& der);

}  // namespace headroom::desk
