#include "agents/flex_event.hpp"

#include "agents/entry_body.hpp"
#include "core/json_object.hpp"
#include "core/json_size.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::agents {
namespace {

/// Events with so many DERs, contracts and all, are far below the largest entry; their size need not be
/// looked at.
constexpr std::size_t assignments_inline_max = 16;

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
    if (record_.assignments.size() + record_.pending.size() <= assignments_inline_max) {
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
    json::Object body;
    if (json::text_bytes_max(value) <= inline_bytes_max) {
        body.set(std::move(name), std::move(value));
        co_return body;
    }
    Result<std::string> canonical = json::write_canonical(value);
    if (!canonical) {
        co_return canonical.error();
    }
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
    const auto is_called = [this] {
        return cancelled_ || !market_changes_.empty() || more_answer_ ||
               (breached_ && (record_.state == EventState::armed || record_.review_at));
    };
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
    if (approval_ != nullptr) {
        return approval_->set(std::move(approval));
    }
    if (!waits_for_more()) {
        return false;
    }
    more_answer_ = std::move(approval);
    wake_.cancel();
    return true;
}

void FlexEvent::cancel(Caller caller) {
    if (!is_over(record_.state)) {
        cancelled_ = std::move(caller);
        wake_.cancel();
    }
}

void FlexEvent::breach() {
    if ((record_.state == EventState::armed || record_.review_at) && !breached_) {
        breached_ = steady_now();
        wake_.cancel();
    }
}

Awaitable<void> FlexEvent::settled(UtcTime when) {
    if (is_settled()) {
        co_return;
    }
    auto slot = std::make_shared<Slot<bool>>(context_.parts.executor, context_.parts.clock);
    watchers_.push_back(slot);
    static_cast<void>(co_await slot->wait(when));
    std::erase(watchers_, slot);
}

void FlexEvent::tell_watchers() {
    for (const std::shared_ptr<Slot<bool>>& watcher : is_settled() ? watchers_ : decltype(watchers_){}) {
        watcher->set(true);
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
        co_await take_market_changes();
        co_await take_more();
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
        tell_watchers();
    }
}

Awaitable<void> FlexEvent::go_on() {
    const UtcTime heard_by = now() + 2 * context_.options.watch_every;
    const auto is_unheard = [this] {
        return record_.state == EventState::proposed && !record_.review_at && !cancelled_ &&
               market_changes_.empty() &&
               context_.parts.views.stale_reason(record_.overload.feeder).has_value();
    };
    while (now() < heard_by && is_unheard()) {
        const UtcTime look_again = std::min(now() + context_.options.watch_every / 4, heard_by);
        co_await pause_until(look_again);
    }
    co_await take_up_more();
    co_await run();
}

Awaitable<void> FlexEvent::finish(EventState state, std::string outcome, std::string note) {
    record_.state = state;
    record_.outcome = std::move(outcome);
    record_.note = std::move(note);
    if (record_.outcome == "cleared") {
        stamp(cleared_moment);
    }
    record_.pending.clear();
    record_.more_until.reset();
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

}  // namespace headroom::agents
