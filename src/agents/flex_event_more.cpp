// More than is bought is needed, and only a person may let it pass: the event goes on with what it has while
// the plan waits.
#include "agents/flex_event.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {

bool FlexEvent::waits_for_more() const {
    return record_.more_until && !more_answer_ && !cancelled_ && !is_over(record_.state) &&
           now() < *record_.more_until;
}

bool FlexEvent::is_for_a_person() const {
    return plan_ && !plan_->lines.empty() && !is_write_refused_ && !cancelled_ &&
           record_.authority == grid::to_string(grid::AuthorityLevel::propose);
}

Awaitable<std::string> FlexEvent::ask_for_more() {
    if (!is_for_a_person()) {
        co_return "";
    }
    // What is to be armed can only be bought while the window is ahead.
    const UtcTime last = product() == flex::ContractKind::availability
                             ? record_.overload.start - context_.options.lead
                             : record_.overload.end;
    if (last <= now()) {
        co_return "";
    }
    const UtcTime expires = now() + context_.options.approval_expires;
    const bool is_asked_anew = is_week_ahead() && !is_near();
    record_.more_until = std::min(is_asked_anew ? std::max(expires, next_look()) : expires, last);
    json::Object body = json::object({{"state", std::string(to_string(record_.state))},
                                      {"why", "a plan for more waits for approval"},
                                      {"plan_sha256", record_.plan_sha256},
                                      {"until", format_utc(*record_.more_until)},
                                      {"authority_reason", record_.authority_reason}});
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
    co_return "; a plan for it waits for approval: " + record_.authority_reason;
}

/// A person has answered: what was approved is bought. Until it is, the record says that it is open, and the
/// log that it is approved: a restart goes on with it.
Awaitable<void> FlexEvent::take_more() {
    if (!more_answer_) {
        co_return;
    }
    const Approval answer = *more_answer_;
    const std::optional<UtcTime> until = record_.more_until;
    if (!answer.approved) {
        record_.more_until.reset();
    }
    const bool is_written = co_await write_answer(answer, record_.state);
    if (!is_written) {
        record_.more_until = until;  // nothing was said: it may be said again
    } else if (!answer.approved) {
        plan_.reset();
    } else if (!cancelled_) {
        co_await buy_more();
    }
    more_answer_.reset();
}

Awaitable<void> FlexEvent::buy_more() {
    Result<flex::FlexPlan> plan = co_await load_plan();
    if (!plan) {
        co_await alarm("no_plan", plan.error().message);
        co_return;
    }
    plan_ = std::move(*plan);
    {
        const Turns::Turn turn = co_await context_.turns.take(branch());
        held_back_by_.clear();
        co_await contract_round(product());
    }
    is_write_refused_ = false;
    record_.more_until.reset();
    refresh_totals(record_, now());
    if (needs_top_up()) {
        needs_more_ = true;
        more_because_ = held_back_by_.empty() ? "what was approved does not cover all of it"
                                              : "others bought first: " + held_back_by_;
    }
    co_await note_state();
}

Awaitable<void> FlexEvent::take_up_more() {
    const bool is_under_way = record_.state != EventState::proposed && record_.state != EventState::approved;
    if (!record_.more_until || !is_under_way || is_over(record_.state) || now() >= record_.overload.end) {
        co_return;
    }
    const Result<flex::FlexPlan> approved = co_await load_plan();
    if (approved) {
        co_await buy_more();
    }  // otherwise it waits, as before
}

}  // namespace headroom::agents
