#pragma once

#include "agents/journal.hpp"
#include "agents/turns.hpp"
#include "core/async.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "flex/programme.hpp"
#include "grid/network.hpp"
#include "store/records.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headroom::agents {

/// What a new enrolment says; the rest comes with time.
struct EnrolmentTerms {
    std::string programme;
    std::string der;
    std::string provider;
    Watts power{};
    std::string consent_by;
    UtcTime consent_from{};
    UtcTime consent_until{};
};

/// Programmes and who takes part in them. Every change is an operator's, with a reason, in the audit log
/// before it counts; the plan's input carries the enrolments it was made with, so that a replay bars and
/// admits the same DERs. While there is no programme at all, any offer counts. One io_context thread.
class Programmes {
  public:
    struct Parts {
        DomainClock& clock;
        Journal& journal;
        const grid::Network& network;
    };
    explicit Programmes(Parts parts);

    /// What a former run left. Before the first event. Errors: those of the store, `corrupt`.
    Result<void> restore(store::Records& records);

    [[nodiscard]] const flex::ProgrammeBook& book() const { return book_; }
    /// The programmes, and the enrolments of the DERs behind `offers`; nothing while there is no programme.
    [[nodiscard]] std::optional<flex::ProgrammeBook> book_for(const std::vector<flex::Offer>& offers) const;
    [[nodiscard]] const flex::Programme* programme(const std::string& id) const;
    [[nodiscard]] const flex::Enrolment* enrolment(const std::string& programme,
                                                   const std::string& der) const;

    // Commands. Errors: `invalid` naming the member or for a missing reason, `not_found`, `conflict`,
    // `unavailable` when it cannot be written down.

    /// Makes a programme or replaces its terms. Enrolments stay.
    Awaitable<Result<flex::Programme>> put(flex::Programme programme, Caller caller);
    /// A DER of the network joins, or comes back with new terms; a test that it has passed before still
    /// counts.
    Awaitable<Result<flex::Enrolment>> enrol(EnrolmentTerms terms, Caller caller);
    /// The outcome of a test dispatch.
    Awaitable<Result<flex::Enrolment>> record_test(std::string programme, std::string der,
                                                   flex::QualificationTest test, Caller caller);
    /// Bars it from now on, until `until` or until it is lifted. Contracts that stand are kept.
    Awaitable<Result<flex::Enrolment>> suspend(std::string programme, std::string der,
                                               std::optional<UtcTime> until, Caller caller);
    Awaitable<Result<flex::Enrolment>> resume(std::string programme, std::string der, Caller caller);
    /// The site leaves: its consent is over.
    Awaitable<Result<flex::Enrolment>> withdraw(std::string programme, std::string der, Caller caller);

    /// What a command would be refused for.
    [[nodiscard]] Result<void> check(const flex::Programme& programme) const;
    [[nodiscard]] Result<void> check(const EnrolmentTerms& terms) const;

  private:
    using Change = std::function<Result<void>(flex::Enrolment&)>;
    Awaitable<Result<flex::Enrolment>> change(std::string programme, std::string der, std::string what,
                                              Change make, Caller caller);
    Awaitable<Result<void>> write(std::string type, json::Object body, Caller caller);
    void keep(flex::Programme programme);
    void keep(flex::Enrolment enrolment);

    Parts parts_;
    flex::ProgrammeBook book_;
    Turns turns_;
};

}  // namespace headroom::agents
