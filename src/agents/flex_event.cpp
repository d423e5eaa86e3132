#include "agents/flex_event.hpp"

#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {
namespace {

/// Inputs up to this size stand in the entry itself, larger ones in a blob named by its hash.
constexpr std::size_t inline_bytes_max = 16'000;
/// Events with so many DERs, contracts and all, are far below the largest entry; their size need not be
/// looked at.
constexpr std::size_t assignments_inline_max = 16;

std::string money(MicroPounds amount) {
    const std::int64_t pence = divide_half_even(amount.value, 10'000);
    const std::string rest = std::to_string(pence % 100);
    return "£" + std::to_string(pence / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

/// What is taken of an offer's DER in each half-hour of the need.
std::vector<std::int64_t> reserved_slots(const risk::PeriodPower& need, const flex::Offer& offer,
                                         const std::vector<store::Reservation>& held) {
    std::vector<std::int64_t> slots(need.w.size(), 0);
    for (const store::Reservation& reservation : held) {
        const std::int64_t slot = (reservation.period - need.start) / period_length;
        if (reservation.turn_up == offer.turn_up && slot >= 0 &&
            slot < static_cast<std::int64_t>(slots.size())) {
            slots[static_cast<std::size_t>(slot)] += reservation.power.value;
        }
    }
    return slots;
}

}  // namespace

FlexEvent::FlexEvent(OrchestrationContext& context, EventRecord record)
    : context_(context), record_(std::move(record)), wake_(context.parts.executor) {
    for (const Assignment& assignment : record_.assignments) {
        spent_offers_.insert(assignment.provider + "/" + assignment.offer);
    }
}

UtcTime FlexEvent::now() const {
    return context_.parts.clock.now();
}

/// The topmost feeder of the network's branch: events that share it may want the same DERs.
std::string FlexEvent::branch() const {
    std::string top = record_.overload.feeder;
    for (const std::string_view asset : context_.parts.network.path_to_top(top)) {
        if (context_.parts.network.feeder(asset) != nullptr) {
            top = asset;
        }
    }
    return top;
}

/// Sorted; empty for a low-voltage feeder.
std::vector<std::string> FlexEvent::feeders_below() const {
    std::vector<std::string> ids;
    for (const grid::Feeder* feeder : context_.parts.network.feeders_below(record_.overload.feeder)) {
        ids.push_back(feeder->id.value);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

/// The state of the first asset, from the DER's feeder up to the limit's, that is not simply in service.
grid::StateEntry FlexEvent::strictest_state(const grid::Der& der) const {
    for (const std::string_view asset : context_.parts.network.path_to_top(der.feeder.value)) {
        const grid::StateEntry state = context_.states.of(std::string(asset));
        const bool is_free = state.state == grid::OperationalState::normal && !state.held_by_engineer;
        if (!is_free || asset == record_.overload.feeder) {
            return state;
        }
    }
    return context_.states.of(record_.overload.feeder);
}

bool FlexEvent::is_stopped_above(const grid::Der& der) const {
    const std::vector<std::string_view> path = context_.parts.network.path_to_top(der.feeder.value);
    return std::any_of(path.begin(), path.end(), [this](std::string_view asset) {
        return context_.parts.dispatch.is_stopped(std::string(asset));
    });
}

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

void FlexEvent::stamp(std::string name) {
    const std::int64_t wall_us =
        detected_ ? static_cast<std::int64_t>(milliseconds_between(*detected_, steady_now()) * 1000.0) : -1;
    record_.stamp(std::move(name), now(), wall_us);
}

audit::Draft FlexEvent::draft(std::string type, json::Object body, std::string outcome) const {
    body.set("event_after", to_json(record_));
    return {.type = std::move(type),
            .actor = system_actor(),
            .body = std::move(body),
            .corr = record_.id().value,
            .caus = {},
            .outcome = std::move(outcome)};
}

Awaitable<Result<void>> FlexEvent::write(std::vector<audit::Draft> drafts) {
    const Result<void> fitted = co_await fit(drafts);
    if (!fitted) {
        co_return fitted;
    }
    const Result<audit::Committed> committed = co_await context_.parts.journal.commit(std::move(drafts));
    if (!committed) {
        co_return committed.error();
    }
    co_return Result<void>{};
}

/// States with very many DERs do not fit an entry: they go into a blob, and the entry names it.
Awaitable<Result<void>> FlexEvent::fit(std::vector<audit::Draft>& drafts) {
    if (record_.assignments.size() <= assignments_inline_max) {
        co_return Result<void>{};
    }
    for (audit::Draft& entry : drafts) {
        for (const std::string name : {"event_after", "contract_after"}) {
            const json::Value* state = entry.body.find(name);
            if (state == nullptr) {
                continue;
            }
            Result<json::Object> outside = co_await kept(name, *state);
            if (!outside) {
                co_return outside.error();
            }
            if (outside->find(name) == nullptr) {
                entry.body.erase(name);
                entry.body.set(name + "_blob", *outside->find(name + "_blob"));
            }
        }
    }
    co_return Result<void>{};
}

/// `value` under `name`, or, when it is large, a reference to it under `name`_blob.
Awaitable<Result<json::Object>> FlexEvent::kept(std::string name, json::Value value) {
    Result<std::string> canonical = json::write_canonical(value);
    if (!canonical) {
        co_return canonical.error();
    }
    json::Object body;
    if (canonical->size() <= inline_bytes_max) {
        body.set(std::move(name), std::move(value));
        co_return body;
    }
    Result<json::Value> blob = co_await context_.parts.journal.put_blob(std::move(*canonical));
    if (!blob) {
        co_return blob.error();
    }
    body.set(name + "_blob", std::move(*blob));
    co_return body;
}

Awaitable<void> FlexEvent::pause_until(UtcTime when) {
    const auto is_called = [this] { return cancelled_ || (breached_ && record_.state == EventState::armed); };
    if (is_called() || when <= now()) {
        co_return;
    }
    bool due = false;
    const DomainClock::TimerId timer = context_.parts.clock.at(when, [this, &due] {
        due = true;
        wake_.cancel();
    });
    while (!due && !is_called()) {
        wake_.expires_at(asio::steady_timer::time_point::max());
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await wake_.async_wait(token);
    }
    context_.parts.clock.cancel(timer);
}

bool FlexEvent::answer(Approval approval) {
    return approval_ != nullptr && approval_->set(std::move(approval));
}

void FlexEvent::cancel(Caller caller) {
    if (!is_over(record_.state)) {
        cancelled_ = std::move(caller);
        wake_.cancel();
    }
}

void FlexEvent::breach() {
    if (record_.state == EventState::armed && !breached_) {
        breached_ = steady_now();
        wake_.cancel();
    }
}

Awaitable<void> FlexEvent::run() {
    while (!is_over(record_.state)) {
        if (!context_.parts.journal.healthy() && told_w_.empty()) {
            // Fail closed to start: the event stays as written and is taken up again once the log takes
            // entries.
            const UtcTime later = now() + context_.options.watch_every;
            co_await pause_until(later);
        }
        switch (record_.state) {
            case EventState::proposed:
                co_await decide();
                break;
            case EventState::approved:
                co_await make_contracts();
                break;
            case EventState::armed:
                co_await wait_and_fire();
                break;
            case EventState::notified:
            case EventState::active:
                co_await hold();
                break;
            case EventState::completed:
            case EventState::failed:
            case EventState::cancelled:
                break;
        }
    }
}

Awaitable<void> FlexEvent::finish(EventState state, std::string outcome, std::string note) {
    record_.state = state;
    record_.outcome = std::move(outcome);
    record_.note = std::move(note);
    refresh_totals(record_, now());
    if (final_shortfall_) {
        record_.shortfall = *final_shortfall_;
    }
    for (const std::string& transaction : record_.transactions) {
        ++context_.reservation_changes;
        static_cast<void>(co_await context_.parts.journal.records().release(transaction));
    }
    json::Object body = json::object({{"outcome", record_.outcome}, {"note", record_.note}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(
        draft(record_.statement.empty() && !record_.assignments.empty() ? "order.ended" : "event.closed",
              std::move(body), state == EventState::failed ? "error" : "ok"));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("the end of an event could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
    if (context_.released) {
        context_.released(record_);
    }
}

Awaitable<void> FlexEvent::alarm(std::string kind, std::string detail) {
    record_.alarmed = true;
    json::Object body = json::object({{"kind", std::move(kind)},
                                      {"detail", std::move(detail)},
                                      {"feeder", record_.overload.feeder},
                                      {"shortfall_w", record_.shortfall.value}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("alarm.raised", std::move(body), "error"));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("an alarm could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
}

grid::AuthorityAnswer FlexEvent::ask_authority(const flex::FlexPlan& plan) const {
    grid::AuthorityQuestion question;
    question.feeder = record_.overload.feeder;
    question.limit_kind = record_.overload.limit.kind;
    question.limit_verified = record_.overload.limit.is_verified();
    question.product = record_.overload.cause == risk::Cause::forecast ? "armed" : "spot";
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
            if (!spent_offers_.contains(offer.provider + "/" + offer.id)) {
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

    Result<flex::FlexPlan> plan = flex::make_plan(input);
    if (!plan) {
        log::error("no plan could be made", {{"event", record_.id().value}, {"error", plan.error().message}});
        co_await alarm("no_plan", plan.error().message);
        co_return false;
    }
    stamp("decided");
    const grid::AuthorityAnswer authority = ask_authority(*plan);
    record_.plan_sha256 = flex::plan_sha256(*plan);
    record_.authority = std::string(grid::to_string(authority.level));
    record_.authority_reason = authority.reason;
    plan_ = *plan;
    const bool covers = plan->shortfall_peak.value == 0 && !plan->lines.empty();
    const bool may_act = authority.level == grid::AuthorityLevel::act && !plan->lines.empty();
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
                                      {"rule_set", plan->rule_set},
                                      {"chosen", plan->chosen},
                                      {"cost_micro_gbp", plan->cost.value},
                                      {"shortfall_w", plan->shortfall_peak.value},
                                      {"covers", covers},
                                      {"authority", record_.authority},
                                      {"authority_reason", authority.reason},
                                      {"answers", std::move(answers)}});
    Result<json::Object> input_kept = co_await kept("input", flex::to_json(input));
    Result<json::Object> plan_kept = co_await kept("plan", flex::to_json(*plan));
    if (!input_kept || !plan_kept) {
        const Error& fault = !input_kept ? input_kept.error() : plan_kept.error();
        log::error("a plan could not be written down",
                   {{"event", record_.id().value}, {"error", fault.message}});
        record_.state = state_before;
        is_write_refused_ = true;
        co_return false;
    }
    for (const auto& [key, value] : input_kept->members()) {
        body.set(key, value);
    }
    for (const auto& [key, value] : plan_kept->members()) {
        body.set(key, value);
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
    if (answer->approved) {
        record_.state = EventState::approved;
        record_.approved_by = answer->caller.id;
        stamp("authorised");
    }
    json::Object body =
        json::object({{"plan_sha256", answer->plan_sha256}, {"reason", answer->caller.reason}});
    audit::Draft decision = draft(answer->approved ? "dispatch.approve" : "dispatch.reject", std::move(body));
    decision.actor = std::move(actor);
    std::vector<audit::Draft> drafts;
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
