#include "agents/flex_event_arming.hpp"

#include "core/json_object.hpp"
#include "core/log.hpp"
#include "core/reflect_json.hpp"

#include <algorithm>
#include <utility>

// From an overload to a plan that may be carried out.

namespace headroom::agents {
namespace {

/// Beside input, plan and the event's record an entry has room for so much more.
constexpr std::size_t notes_inline_max = 6'000;

/// The notes under their name, or, when they are large, a reference to them.
Awaitable<Result<json::Object>> kept_notes(Journal& journal, json::Value notes) {
    Result<std::string> canonical = json::write_canonical(notes);
    if (!canonical) {
        co_return canonical.error();
    }
    json::Object body;
    if (canonical->size() <= notes_inline_max) {
        body.set("notes", std::move(notes));
        co_return body;
    }
    Result<json::Value> blob = co_await journal.put_blob(std::move(*canonical));
    if (!blob) {
        co_return blob.error();
    }
    body.set("notes_blob", std::move(*blob));
    co_return body;
}

std::string money(MicroPounds amount) {
    const std::int64_t pence = divide_half_even(amount.value, 10'000);
    const std::string rest = std::to_string(pence % 100);
    return "£" + std::to_string(pence / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

}  // namespace

/// A DER that an event above or below uses counts as promised, all of it.
void FlexEvent::block_ders_of_others(flex::PlanInput& input) const {
    std::set<std::string_view> offered;
    for (const flex::Offer& offer : input.offers) {
        offered.insert(offer.der);
    }
    std::vector<const EventRecord*> rivals = context_.others(record_.id());
    std::erase_if(rivals, [&](const EventRecord* other) {
        return std::none_of(other->assignments.begin(), other->assignments.end(),
                            [&](const Assignment& assignment) { return offered.contains(assignment.der); });
    });
    const std::set<std::string> used = ders_of_others(record_, rivals, context_.parts.network);
    for (std::size_t i = 0; i < input.offers.size() && !used.empty(); ++i) {
        if (used.contains(input.offers[i].der)) {
            input.reserved_w[i].assign(input.overload.need.w.size(), input.offers[i].power.value);
        }
    }
}

grid::AuthorityAnswer FlexEvent::ask_authority(const flex::FlexPlan& plan) const {
    grid::AuthorityQuestion question;
    question.feeder = record_.overload.feeder;
    question.limit_kind = record_.overload.limit.kind;
    question.limit_verified = record_.overload.limit.is_verified();
    const bool is_armed =
        record_.overload.cause == risk::Cause::forecast ||
        (record_.overload.cause == risk::Cause::person && product() == flex::ContractKind::availability);
    question.product = is_armed ? "armed" : "spot";
    question.cost = plan.cost + record_.cost;
    question.at = now();
    question.state = context_.states.of(record_.overload.feeder);
    for (const flex::PlanLine& line : plan.lines) {
        question.der_classes.push_back(line.offer.der_class);
        std::int64_t peak = 0;
        for (const std::int64_t power : line.power_w.values) {
            peak = std::max(peak, power);
        }
        question.power += Watts{peak};
    }
    if (const std::optional<std::string> stale = context_.parts.views.stale_reason(record_.overload.feeder)) {
        question.data_fresh = false;
        question.data_detail = *stale;
    }
    return grid::authorise(context_.options.authority, context_.envelopes, context_.parts.network, question);
}

Awaitable<bool> FlexEvent::search(risk::Overload left, std::vector<std::string> below,
                                  Result<SearchResult>& found) {
    found = co_await context_.parts.market.search(std::move(left), std::move(below));
    co_return found.has_value();
}

Awaitable<bool> FlexEvent::read_held(std::vector<std::string> ders, Held& held) {
    auto job = [ders = std::move(ders), at = now()](store::Records& records) {
        Held read;
        for (const std::string& der : ders) {
            Result<std::vector<store::Reservation>> found = records.reservations(der, at);
            read[der] = found ? std::move(*found) : std::vector<store::Reservation>{};
        }
        return read;
    };
    Held read = co_await context_.parts.journal.records().run_first(std::move(job));
    held.merge(read);
    co_return true;
}

/// Searches, plans what is still uncovered and writes the decision down; true when the plan may be carried
/// out.
Awaitable<bool> FlexEvent::plan_round(std::string why) {
    record_.round += 1;
    record_.relief_of_others_w =
        relief_of_others(record_, context_.others(record_.id()), context_.parts.network);
    refresh_totals(record_, now());
    risk::Overload left = residual(record_, now());
    // Side by side: what the market offers, and what the feeder's DERs have been promised to others.
    Result<SearchResult> found = SearchResult{};
    Held held;
    std::vector<std::string> ders;
    for (const grid::Der* der : context_.parts.network.ders_on(left.feeder)) {
        ders.push_back(der->id.value);
    }
    flex::PlanInput input;
    input.feeders_below = feeders_below();
    std::vector<std::string> below = input.feeders_below;
    const std::uint64_t changes = context_.reservation_changes;
    std::vector<Awaitable<bool>> work;
    work.push_back(search(left, std::move(below), found));
    work.push_back(read_held(std::move(ders), held));
    co_await gather(std::move(work));
    stamp("searched");
    input.overload = std::move(left);
    input.rules = context_.options.rules;
    input.now = now();
    json::Array answers;
    if (found) {
        for (flex::Offer& offer : found->offers) {
            const bool is_wanted = !record_.only_class || offer.der_class == *record_.only_class;
            if (is_wanted && !spent_offers_.contains(offer.provider + "/" + offer.id)) {
                input.offers.push_back(std::move(offer));
            }
        }
        for (const SearchAnswer& answer : found->answers) {
            answers.emplace_back(
                json::object({{"provider", answer.provider},
                              {"answered", answer.answered},
                              {"fault", answer.fault},
                              {"latency_us", static_cast<std::int64_t>(answer.latency_ms * 1000.0)}}));
        }
    } else {
        log::warn("the market could not be searched",
                  {{"event", record_.id().value}, {"error", found.error().message}});
        if (found.error().code == Errc::unavailable) {
            is_write_refused_ =
                true;  // our own disk, not the market: that nobody offers anything is not known
            co_return false;
        }
    }
    if (context_.reservation_changes != changes) {
        held.clear();  // another event has reserved or released meanwhile
    }
    std::vector<std::string> unread;
    for (const flex::Offer& offer : input.offers) {
        if (!held.contains(offer.der)) {
            unread.push_back(offer.der);
        }
    }
    if (!unread.empty()) {
        co_await read_held(std::move(unread), held);
    }
    for (const flex::Offer& offer : input.offers) {
        input.reserved_w.push_back(reserved_slots(input.overload.need, offer, held[offer.der]));
    }
    block_ders_of_others(input);
    if (context_.parts.programmes != nullptr) {
        input.programmes = context_.parts.programmes->book_for(input.offers);
    }
    input.product = product();
    const flex::EventPlanInput decided = context_.judged(std::move(input), {});
    for (const flex::Offer& offer : decided.base.offers) {
        claimed_ppm_[offer.provider + "/" + offer.id] = offer.reliability_ppm;
    }
    Result<flex::EventPlan> made = flex::make_event_plan(decided);
    if (!made) {
        log::error("no plan could be made", {{"event", record_.id().value}, {"error", made.error().message}});
        co_await alarm("no_plan", made.error().message);
        co_return false;
    }
    stamp("decided");
    const flex::FlexPlan* plan = &made->plan;
    const flex::PlanNotes& notes = made->notes;
    within_rating_ = notes.takes_nothing && !notes.ladder.empty() ? notes.ladder.front().reason : "";
    grid::AuthorityAnswer authority = ask_authority(*plan);
    if (notes.needs_person && authority.level == grid::AuthorityLevel::act) {
        authority.level = grid::AuthorityLevel::propose;
        authority.reason = "rule " + notes.rules.back().rule + ": " + notes.rules.back().detail;
    }
    record_.plan_sha256 = flex::plan_sha256(*plan);
    record_.authority = std::string(grid::to_string(authority.level));
    record_.authority_reason = authority.reason;
    plan_ = *plan;
    const bool covers = plan->shortfall_peak.value == 0 && !plan->lines.empty();
    record_.review_at.reset();
    const std::optional<flex::ArmingDecision> arming = weigh_arming(*plan);
    if (arming && arming->choice != "arm") {
        record_.review_at = next_review(*arming);
        record_.reviews += 1;
    }
    const bool may_act =
        authority.level == grid::AuthorityLevel::act && !plan->lines.empty() && !record_.review_at;
    const EventState state_before = record_.state;
    if (may_act) {
        record_.approved_by = "envelope " + authority.envelope_id;
        if (record_.state == EventState::proposed) {
            record_.state = EventState::approved;
        }
        stamp("authorised");
    }

    json::Object body = json::object({{"round", record_.round},
                                      {"why", std::move(why)},
                                      {"plan_sha256", record_.plan_sha256},
                                      {"decision", "flex.plan"},
                                      {"decision_sha256", flex::event_plan_sha256(*made)},
                                      {"rule_set", plan->rule_set},
                                      {"chosen", plan->chosen},
                                      {"cost_micro_gbp", plan->cost.value},
                                      {"shortfall_w", plan->shortfall_peak.value},
                                      {"covers", covers},
                                      {"authority", record_.authority},
                                      {"authority_reason", authority.reason},
                                      {"answers", std::move(answers)}});
    if (arming) {
        body.set("arming", arming_json(*arming, record_.review_at));
    }
    Result<json::Object> input_kept = co_await kept("input", flex::to_json(decided));
    Result<json::Object> plan_kept = co_await kept("plan", flex::to_json(*plan));
    Result<json::Object> notes_kept = co_await kept_notes(context_.parts.journal, headroom::to_json(notes));
    for (const Result<json::Object>* part : {&input_kept, &plan_kept, &notes_kept}) {
        if (!*part) {
            log::error("a plan could not be written down",
                       {{"event", record_.id().value}, {"error", part->error().message}});
            record_.state = state_before;
            is_write_refused_ = true;
            co_return false;
        }
        for (const auto& [key, value] : (*part)->members()) {
            body.set(key, value);
        }
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("dispatch.plan", std::move(body)));
    if (may_act) {
        drafts.push_back({.type = "dispatch.approve",
                          .actor = system_actor(),
                          .body = json::object({{"plan_sha256", record_.plan_sha256},
                                                {"envelope", authority.envelope_id},
                                                {"reason", authority.reason}}),
                          .corr = record_.id().value});
    }
    const Result<void> fitted = co_await fit(drafts);
    if (!fitted) {
        log::error("a plan could not be written down",
                   {{"event", record_.id().value}, {"error", fitted.error().message}});
        record_.state = state_before;
        is_write_refused_ = true;
        co_return false;
    }
    plan_entry_ = context_.parts.journal.begin(std::move(drafts));
    if (may_act) {
        co_return true;  // quotes may be asked for meanwhile; a confirm waits for the entry
    }
    static_cast<void>(co_await is_plan_durable());
    co_return false;
}

Awaitable<bool> FlexEvent::is_plan_durable() {
    if (!plan_entry_) {
        co_return true;
    }
    Journal::Ticket ticket = std::exchange(plan_entry_, nullptr);
    const Result<audit::Committed> committed = co_await context_.parts.journal.settled(std::move(ticket));
    if (!committed) {
        // Full disk or a failed log: fail closed. It is decided again later.
        log::error("a plan could not be made durable: nothing is started",
                   {{"event", record_.id().value}, {"error", committed.error().message}});
        is_write_refused_ = true;
    }
    co_return committed.has_value();
}

Awaitable<void> FlexEvent::put_off() {
    if (now() >= record_.overload.end) {
        co_await finish(EventState::failed, "shortfall",
                        "Nothing could be decided: the audit log took no entries.");
        co_return;
    }
    const UtcTime later = now() + context_.options.watch_every;
    co_await pause_until(later);
}

Awaitable<void> FlexEvent::decide() {
    if (record_.review_at) {
        co_await wait_for_review();  // put off by a former process
        co_return;
    }
    if (record_.reviews > 0 && has_cleared()) {
        co_await finish(EventState::cancelled, "cleared",
                        "The newest forecast stays within the limit; nothing was bought.");
        co_return;
    }
    bool may_act = false;
    {
        const Turns::Turn turn = co_await context_.turns.take(branch());
        may_act = co_await plan_round("overload");
    }
    if (may_act || record_.state != EventState::proposed) {
        co_return;
    }
    if (std::exchange(is_write_refused_, false)) {
        co_await put_off();
        co_return;  // and decide again
    }
    if (record_.review_at) {
        co_await wait_for_review();
        co_return;  // and decide anew
    }
    if (plan_ && !within_rating_.empty()) {
        co_await finish(EventState::cancelled, "within_rating", within_rating_ + "; nothing is bought.");
        co_return;
    }
    if (!plan_ || plan_->lines.empty()) {
        co_await alarm("no_flexibility", "no usable offer for " + describe(record_));
        co_await finish(EventState::failed, "shortfall",
                        "No provider offered anything usable; the overload stands uncovered.");
        co_return;
    }
    if (record_.authority == "shadow") {
        co_await finish(
            EventState::cancelled, "shadow",
            "Shadow mode: would have bought " + describe(record_) + " for " + money(plan_->cost) + ".");
        co_return;
    }
    co_await await_approval();
}

Awaitable<void> FlexEvent::await_approval() {
    const UtcTime deadline = std::min(now() + context_.options.approval_expires, record_.overload.end);
    approval_ = std::make_unique<Slot<Approval>>(context_.parts.executor, context_.parts.clock);
    tell_watchers();
    const std::optional<Approval> answer = co_await approval_->wait(deadline);
    approval_.reset();
    if (!answer) {
        co_await finish(EventState::cancelled, "expired", "Nobody approved the plan in time.");
        co_return;
    }
    audit::Actor actor;
    actor.id = answer->caller.id;
    actor.kind = answer->caller.kind;
    actor.ip = answer->caller.ip;
    std::vector<audit::Draft> drafts;
    if (answer->proposal) {
        Result<audit::Draft> adopted = co_await adopt(answer->proposal);
        if (!adopted) {
            log::error("a proposal could not be written down",
                       {{"event", record_.id().value}, {"error", adopted.error().message}});
            co_return;  // and decide again
        }
        drafts.push_back(std::move(*adopted));
    }
    if (answer->approved) {
        record_.state = EventState::approved;
        record_.approved_by = answer->caller.id;
        stamp("authorised");
    }
    json::Object body =
        json::object({{"plan_sha256", answer->plan_sha256}, {"reason", answer->caller.reason}});
    audit::Draft decision = draft(answer->approved ? "dispatch.approve" : "dispatch.reject", std::move(body));
    decision.actor = std::move(actor);
    drafts.push_back(std::move(decision));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        record_.state = EventState::proposed;
        co_return;
    }
    if (!answer->approved) {
        co_await finish(EventState::cancelled, "rejected", answer->caller.reason);
    }
}

/// After a restart the plan is read back from the log: the newest one of this event with the hash in the
/// record.
Awaitable<Result<flex::FlexPlan>> FlexEvent::load_plan() {
    if (plan_) {
        co_return *plan_;
    }
    std::vector<std::uint64_t> entries = context_.parts.journal.log().find_corr(record_.id().value);
    std::reverse(entries.begin(), entries.end());
    for (const std::uint64_t seq : entries) {
        const Result<audit::Entry> entry = context_.parts.journal.log().read(seq);
        if (!entry) {
            co_return entry.error();
        }
        const json::Value body(entry->body);
        if (entry->type != "dispatch.plan" || body.text("/plan_sha256") != record_.plan_sha256) {
            continue;
        }
        if (const json::Value* plan = body.get("plan")) {
            co_return flex::flex_plan_from_json(*plan);
        }
        const Result<std::string> blob = context_.parts.journal.get_blob(body.text("/plan_blob/sha256"));
        if (!blob) {
            co_return blob.error();
        }
        const Result<json::Value> parsed = json::parse(*blob);
        if (!parsed) {
            co_return parsed.error();
        }
        co_return flex::flex_plan_from_json(*parsed);
    }
    co_return Error{Errc::not_found, "event " + record_.id().value + " has no plan in the log"};
}

}  // namespace headroom::agents
