// From an overload to a plan that may be carried out.
#include "agents/flex_event_arming.hpp"

#include "core/json_object.hpp"
#include "core/json_size.hpp"
#include "core/log.hpp"
#include "core/reflect_json.hpp"
#include "grid/envelope_product.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {
namespace {

/// Beside input, plan and the event's record an entry has room for so much more.
constexpr std::size_t notes_inline_max = 6'000;

/// The notes under their name, or, when they are large, a reference to them.
Awaitable<Result<json::Object>> kept_notes(Journal& journal, json::Value notes) {
    json::Object body;
    if (json::text_bytes_max(notes) <= notes_inline_max) {
        body.set("notes", std::move(notes));
        co_return body;
    }
    Result<std::string> canonical = json::write_canonical(notes);
    if (!canonical) {
        co_return canonical.error();
    }
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

}  // namespace

/// A DER that an event above or below uses counts as promised, all of it.
void FlexEvent::block_ders_of_others(flex::PlanInput& input) const {
    const std::set<std::string> used = ders_of_others(
        record_, context_.open.same_branch(record_, context_.parts.network), context_.parts.network);
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
    const bool is_far = is_week_ahead() && record_.overload.start - now() > live_forecast_reach;
    question.product = is_far ? std::string(grid::week_ahead_product) : is_armed ? "armed" : "spot";
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
    Result<Held> read = co_await context_.parts.journal.records().reserved(std::move(ders), now());
    if (!read) {
        // The store decides again when the contracts are reserved.
        log::warn("what is reserved could not be read",
                  {{"event", record_.id().value}, {"error", read.error().message}});
        co_return false;
    }
    held.merge(*read);
    co_return true;
}

/// Searches, plans what is still uncovered and writes the decision down; true when the plan may be carried
/// out.
Awaitable<bool> FlexEvent::plan_round(std::string why) {
    record_.round += 1;
    record_.more_until.reset();
    record_.relief_of_others_w = relief_of_others(
        record_, context_.open.same_branch(record_, context_.parts.network), context_.parts.network);
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
    const flex::EventPlanInput decided = context_.judged(std::move(input), {}, standing());
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
    planned_ppm_ = notes.chance ? std::optional(notes.chance->reached_ppm) : std::nullopt;
    nothing_because_ = plan->lines.empty() ? flex::why_nothing(*made) : "";
    within_rating_ = notes.takes_nothing && !notes.ladder.empty() ? notes.ladder.front().reason : "";
    grid::AuthorityAnswer authority = ask_authority(*plan);
    if (notes.needs_person && authority.level == grid::AuthorityLevel::act) {
        authority.level = grid::AuthorityLevel::propose;
        authority.reason = "rule " + notes.rules.back().rule + ": " + notes.rules.back().detail;
    }
    json::Value plan_json = flex::to_json(*plan);
    record_.plan_sha256 = flex::plan_sha256(plan_json);
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

    json::Object body =
        json::object({{"round", record_.round},
                      {"why", std::move(why)},
                      {"plan_sha256", record_.plan_sha256},
                      {"decision", "flex.plan"},
                      {"decision_sha256", flex::event_plan_sha256(record_.plan_sha256, notes)},
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
    Result<json::Object> plan_kept = co_await kept("plan", std::move(plan_json));
    Result<json::Object> notes_kept = co_await kept_notes(context_.parts.journal, headroom::to_json(notes));
    for (Result<json::Object>* part : {&input_kept, &plan_kept, &notes_kept}) {
        if (!*part) {
            log::error("a plan could not be written down",
                       {{"event", record_.id().value}, {"error", part->error().message}});
            record_.state = state_before;
            is_write_refused_ = true;
            co_return false;
        }
        body.set_all(std::move(**part));
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

}  // namespace headroom::agents
