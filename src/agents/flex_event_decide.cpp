// What becomes of a plan: carried out, put before a person, put off, or nothing.
#include "agents/flex_event.hpp"

#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {
namespace {

std::string money(MicroPounds amount) {
    const std::int64_t pence = divide_half_even(amount.value, 10'000);
    const std::string rest = std::to_string(pence % 100);
    return "£" + std::to_string(pence / 100) + "." + (rest.size() < 2 ? "0" : "") + rest;
}

}  // namespace

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
    if (std::exchange(is_asked_again_, false)) {
        co_await await_approval();
        co_return;
    }
    if (record_.review_at) {
        co_await wait_for_review();  // put off by a former process
        co_return;
    }
    if (is_week_ahead() && !breached_) {
        if (!co_await decide_anew()) {
            co_return;
        }
    } else if (record_.reviews > 0 && has_cleared()) {
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
    if ((!plan_ || plan_->lines.empty()) && is_week_ahead() && !is_near() && !breached_) {
        co_await wait_for_offers();
        co_return;  // and decide anew
    }
    if (!plan_ || plan_->lines.empty()) {
        co_await alarm("no_flexibility", "no usable offer for " + describe(record_));
        const std::string because = nothing_because_.empty() ? "" : " (" + nothing_because_ + ")";
        co_await finish(EventState::failed, "shortfall",
                        "No provider offered anything usable" + because + "; the overload stands uncovered.");
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
    const UtcTime expires = now() + context_.options.approval_expires;
    const bool may_ask_again = is_week_ahead() && !is_near();
    const UtcTime deadline =
        std::min(may_ask_again ? std::max(expires, next_look()) : expires, record_.overload.end);
    approval_ = std::make_unique<Slot<Approval>>(context_.parts.executor, context_.parts.clock);
    tell_watchers();
    const std::optional<Approval> answer = co_await approval_->wait(deadline);
    approval_.reset();
    if (!answer && may_ask_again) {
        record_.reviews += 1;
        co_return;  // the window is days ahead: it is weighed anew, and asked again
    }
    if (!answer) {
        co_await finish(EventState::cancelled, "expired", "Nobody approved the plan in time.");
        co_return;
    }
    const bool is_written = co_await write_answer(*answer, EventState::approved);
    if (is_written && !answer->approved) {
        co_await finish(EventState::cancelled, "rejected", answer->caller.reason);
    }  // not written: it is decided again
}

Awaitable<bool> FlexEvent::write_answer(const Approval& answer, EventState if_approved) {
    audit::Actor actor;
    actor.id = answer.caller.id;
    actor.kind = answer.caller.kind;
    actor.ip = answer.caller.ip;
    std::vector<audit::Draft> drafts;
    if (answer.proposal) {
        Result<audit::Draft> adopted = co_await adopt(answer.proposal);
        if (!adopted) {
            log::error("a proposal could not be written down",
                       {{"event", record_.id().value}, {"error", adopted.error().message}});
            co_return false;
        }
        drafts.push_back(std::move(*adopted));
    }
    const EventState state_before = record_.state;
    const std::string approved_before = record_.approved_by;
    if (answer.approved) {
        record_.state = if_approved;
        record_.approved_by = answer.caller.id;
        stamp("authorised");
    }
    json::Object body = json::object({{"plan_sha256", answer.plan_sha256}, {"reason", answer.caller.reason}});
    audit::Draft decision = draft(answer.approved ? "dispatch.approve" : "dispatch.reject", std::move(body));
    decision.actor = std::move(actor);
    drafts.push_back(std::move(decision));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        record_.state = state_before;
        record_.approved_by = approved_before;
    }
    co_return written.has_value();
}

/// After a restart the plan is read back from the log: the newest one of this event with the hash in the
/// record. Errors: `conflict` when nobody and no envelope has approved it.
Awaitable<Result<flex::FlexPlan>> FlexEvent::load_plan() {
    if (plan_) {
        co_return *plan_;
    }
    std::vector<std::uint64_t> entries = context_.parts.journal.log().find_corr(record_.id().value);
    std::reverse(entries.begin(), entries.end());
    bool is_approved = false;
    for (const std::uint64_t seq : entries) {
        const Result<audit::Entry> entry = context_.parts.journal.log().read(seq);
        if (!entry) {
            co_return entry.error();
        }
        const json::Value body(entry->body);
        if (body.text("/plan_sha256") != record_.plan_sha256) {
            continue;
        }
        is_approved = is_approved || entry->type == "dispatch.approve";
        if (entry->type != "dispatch.plan") {
            continue;
        }
        if (!is_approved) {
            co_return Error{Errc::conflict,
                            "the newest plan of event " + record_.id().value + " was not approved"};
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
