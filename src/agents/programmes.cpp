#include "agents/programmes.hpp"

#include "agents/each_record.hpp"
#include "agents/with_reason.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {
namespace {

constexpr const char* all_changes = "programmes";

template <class T, class Read>
Result<std::vector<T>> read_all(store::Records& records, const std::string& kind, Read read) {
    std::vector<T> out;
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> stored = records.list(kind, after, records_page);
        if (!stored) {
            return stored.error();
        }
        if (stored->empty()) {
            return out;
        }
        after = stored->back().id;
        for (const store::Record& record : *stored) {
            const Result<json::Value> parsed = json::parse(record.json);
            Result<T> value = parsed ? read(*parsed) : Result<T>(parsed.error());
            if (!value) {
                return Error{Errc::corrupt,
                             "the record of " + kind + " " + record.id + ": " + value.error().message};
            }
            out.push_back(std::move(*value));
        }
    }
}

auto place_of(const flex::Enrolment& enrolment) {
    return std::tie(enrolment.der, enrolment.programme);
}

}  // namespace

Programmes::Programmes(Parts parts) : parts_(std::move(parts)) {}

Result<void> Programmes::restore(store::Records& records) {
    Result<std::vector<flex::Programme>> programmes =
        read_all<flex::Programme>(records, "programme", flex::programme_from_json);
    Result<std::vector<flex::Enrolment>> enrolments =
        read_all<flex::Enrolment>(records, "enrolment", flex::enrolment_from_json);
    if (!programmes || !enrolments) {
        return !programmes ? programmes.error() : enrolments.error();
    }
    book_ = {std::move(*programmes), std::move(*enrolments)};
    std::sort(book_.programmes.begin(), book_.programmes.end(),
              [](const flex::Programme& a, const flex::Programme& b) { return a.id < b.id; });
    std::sort(book_.enrolments.begin(), book_.enrolments.end(),
              [](const flex::Enrolment& a, const flex::Enrolment& b) { return place_of(a) < place_of(b); });
    return {};
}

std::optional<flex::ProgrammeBook> Programmes::book_for(const std::vector<flex::Offer>& offers) const {
    if (book_.programmes.empty()) {
        return std::nullopt;
    }
    std::set<std::string_view> offered;
    for (const flex::Offer& offer : offers) {
        offered.insert(offer.der);
    }
    flex::ProgrammeBook out{book_.programmes, {}};
    for (const std::string_view der : offered) {
        const auto [from, to] = std::equal_range(
            book_.enrolments.begin(), book_.enrolments.end(), flex::Enrolment{.der = std::string(der)},
            [](const flex::Enrolment& a, const flex::Enrolment& b) { return a.der < b.der; });
        out.enrolments.insert(out.enrolments.end(), from, to);
    }
    return out;
}

const flex::Programme* Programmes::programme(const std::string& id) const {
    const auto found = std::find_if(book_.programmes.begin(), book_.programmes.end(),
                                    [&](const flex::Programme& one) { return one.id == id; });
    return found == book_.programmes.end() ? nullptr : &*found;
}

const flex::Enrolment* Programmes::enrolment(const std::string& programme, const std::string& der) const {
    const auto found =
        std::lower_bound(book_.enrolments.begin(), book_.enrolments.end(), std::tie(der, programme),
                         [](const flex::Enrolment& one, const auto& place) { return place_of(one) < place; });
    return found == book_.enrolments.end() || found->der != der || found->programme != programme ? nullptr
                                                                                                 : &*found;
}

Result<void> Programmes::check(const flex::Programme& programme) const {
    return flex::check(programme);
}

Result<void> Programmes::check(const EnrolmentTerms& terms) const {
    const flex::Programme* joined = programme(terms.programme);
    if (joined == nullptr) {
        return Error{Errc::not_found, "no programme " + terms.programme, "/programme"};
    }
    const grid::Der* der = parts_.network.der(terms.der);
    if (der == nullptr) {
        return Error{Errc::not_found, "no DER " + terms.der + " in the network", "/der"};
    }
    const bool is_class = joined->classes.empty() || std::find(joined->classes.begin(), joined->classes.end(),
                                                               der->der_class) != joined->classes.end();
    if (!is_class) {
        return Error{Errc::conflict,
                     joined->id + " is not for " + std::string(grid::to_string(der->der_class)), "/der"};
    }
    if (terms.consent_from >= joined->until || terms.consent_until <= joined->from) {
        return Error{Errc::invalid, "the consent lies outside of the programme", "/consent_from"};
    }
    return flex::check(flex::Enrolment{.programme = terms.programme,
                                       .der = terms.der,
                                       .provider = terms.provider,
                                       .power = terms.power,
                                       .consent_by = terms.consent_by,
                                       .consent_from = terms.consent_from,
                                       .consent_until = terms.consent_until,
                                       .test = {},
                                       .suspension = {},
                                       .withdrawn = {}});
}

void Programmes::keep(flex::Programme programme) {
    const auto at =
        std::lower_bound(book_.programmes.begin(), book_.programmes.end(), programme.id,
                         [](const flex::Programme& one, const std::string& id) { return one.id < id; });
    if (at != book_.programmes.end() && at->id == programme.id) {
        *at = std::move(programme);
    } else {
        book_.programmes.insert(at, std::move(programme));
    }
}

void Programmes::keep(flex::Enrolment enrolment) {
    const auto at = std::lower_bound(
        book_.enrolments.begin(), book_.enrolments.end(), enrolment,
        [](const flex::Enrolment& a, const flex::Enrolment& b) { return place_of(a) < place_of(b); });
    if (at != book_.enrolments.end() && place_of(*at) == place_of(enrolment)) {
        *at = std::move(enrolment);
    } else {
        book_.enrolments.insert(at, std::move(enrolment));
    }
}

Awaitable<Result<void>> Programmes::write(std::string type, json::Object body, Caller caller) {
    body.set("reason", caller.reason);
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = std::move(type), .actor = actor_of(caller), .body = std::move(body)});
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(drafts));
    co_return committed ? Result<void>{} : Result<void>(committed.error());
}

Awaitable<Result<flex::Programme>> Programmes::put(flex::Programme programme, Caller caller) {
    const Turns::Turn turn = co_await turns_.take(all_changes);
    Result<void> fits = with_reason(caller);
    if (fits) {
        fits = check(programme);
    }
    if (!fits) {
        co_return fits.error();
    }
    json::Object body{{"id", programme.id},
                      {"change", this->programme(programme.id) == nullptr ? "made" : "changed"},
                      {"programme", flex::to_json(programme)}};
    const Result<void> written = co_await write("programme.set", std::move(body), std::move(caller));
    if (!written) {
        co_return written.error();
    }
    keep(programme);
    co_return programme;
}

Awaitable<Result<flex::Enrolment>> Programmes::enrol(EnrolmentTerms terms, Caller caller) {
    const Turns::Turn turn = co_await turns_.take(all_changes);
    Result<void> fits = with_reason(caller);
    if (fits) {
        fits = check(terms);
    }
    if (!fits) {
        co_return fits.error();
    }
    const flex::Enrolment* before = enrolment(terms.programme, terms.der);
    flex::Enrolment joined = before != nullptr ? *before : flex::Enrolment{};
    joined.programme = terms.programme;
    joined.der = terms.der;
    joined.provider = terms.provider;
    joined.power = terms.power;
    joined.consent_by = terms.consent_by;
    joined.consent_from = terms.consent_from;
    joined.consent_until = terms.consent_until;
    joined.withdrawn.reset();
    // A test of less power says nothing of more.
    if (joined.test && joined.test->asked < joined.power) {
        joined.test.reset();
    }
    json::Object body{{"id", joined.id()},
                      {"change", before == nullptr ? "enrolled" : "changed"},
                      {"enrolment", flex::to_json(joined)}};
    const Result<void> written = co_await write("enrolment.set", std::move(body), std::move(caller));
    if (!written) {
        co_return written.error();
    }
    keep(joined);
    co_return joined;
}

Awaitable<Result<flex::Enrolment>> Programmes::change(std::string programme, std::string der,
                                                      std::string what, Change make, Caller caller) {
    const Turns::Turn turn = co_await turns_.take(all_changes);
    if (const Result<void> reasoned = with_reason(caller); !reasoned) {
        co_return reasoned.error();
    }
    const flex::Enrolment* found = enrolment(programme, der);
    if (found == nullptr) {
        co_return Error{Errc::not_found, der + " is not enrolled in " + programme};
    }
    flex::Enrolment changed = *found;
    Result<void> made = make(changed);
    if (made) {
        made = flex::check(changed);
    }
    if (!made) {
        co_return made.error();
    }
    json::Object body{
        {"id", changed.id()}, {"change", std::move(what)}, {"enrolment", flex::to_json(changed)}};
    const Result<void> written = co_await write("enrolment.set", std::move(body), std::move(caller));
    if (!written) {
        co_return written.error();
    }
    keep(changed);
    co_return changed;
}

Awaitable<Result<flex::Enrolment>> Programmes::record_test(std::string programme, std::string der,
                                                           flex::QualificationTest test, Caller caller) {
    Change make = [test = std::move(test),
                   now = parts_.clock.now()](flex::Enrolment& enrolment) -> Result<void> {
        if (test.at > now) {
            return Error{Errc::invalid, "the test lies in the future", "/at"};
        }
        if (test.asked < enrolment.power) {
            return Error{Errc::conflict,
                         "the test asked for " + std::to_string(test.asked.value) + " W, enrolled are " +
                             std::to_string(enrolment.power.value) + " W",
                         "/asked_kw"};
        }
        enrolment.test = test;
        return {};
    };
    co_return co_await change(std::move(programme), std::move(der), "tested", std::move(make),
                              std::move(caller));
}

Awaitable<Result<flex::Enrolment>> Programmes::suspend(std::string programme, std::string der,
                                                       std::optional<UtcTime> until, Caller caller) {
    Change make = [until, now = parts_.clock.now(),
                   reason = caller.reason](flex::Enrolment& enrolment) -> Result<void> {
        if (until && *until <= now) {
            return Error{Errc::invalid, "the suspension ends before it begins", "/until"};
        }
        enrolment.suspension = flex::Suspension{now, until, reason};
        return {};
    };
    co_return co_await change(std::move(programme), std::move(der), "suspended", std::move(make),
                              std::move(caller));
}

Awaitable<Result<flex::Enrolment>> Programmes::resume(std::string programme, std::string der, Caller caller) {
    Change make = [](flex::Enrolment& enrolment) -> Result<void> {
        if (!enrolment.suspension) {
            return Error{Errc::conflict, enrolment.id() + " is not suspended"};
        }
        enrolment.suspension.reset();
        return {};
    };
    co_return co_await change(std::move(programme), std::move(der), "resumed", std::move(make),
                              std::move(caller));
}

Awaitable<Result<flex::Enrolment>> Programmes::withdraw(std::string programme, std::string der,
                                                        Caller caller) {
    Change make = [now = parts_.clock.now()](flex::Enrolment& enrolment) -> Result<void> {
        if (enrolment.withdrawn) {
            return Error{Errc::conflict, enrolment.id() + " has been left already"};
        }
        enrolment.withdrawn = now;
        return {};
    };
    co_return co_await change(std::move(programme), std::move(der), "withdrawn", std::move(make),
                              std::move(caller));
}

}  // namespace headroom::agents
