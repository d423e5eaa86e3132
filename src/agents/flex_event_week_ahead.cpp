// What an outlook showed days ahead: weighed again with every review, armed for at most, and used only when a
// live forecast confirms it.
#include "agents/flex_event_arming.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "forecast/load_forecast.hpp"
#include "risk/week_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

/// A need may have moved by so many half-hours since it was last judged.
constexpr std::int64_t moved_max = 4;
/// Half-hours from the window's beginning that a live forecast must reach to confirm it.
constexpr std::size_t confirming_slots = 4;
/// A need that has grown by less is left to the next review: outlooks move a little with every half-hour.
constexpr std::int64_t grown_least_w = 500;
constexpr std::int64_t grown_one_in = 20;  // of the largest need
/// The live forecasts' own horizon, less the half-hour that is running.
constexpr milliseconds reached_by_live = live_forecast_reach - period_length;

}  // namespace

bool FlexEvent::is_near() const {
    return now() + context_.options.lead >= record_.overload.start;
}

/// By days while only outlooks reach it, more often once live forecasts do; at the latest when it has to be
/// decided.
UtcTime FlexEvent::next_look() const {
    const auto span_of = [](double minutes) { return milliseconds{std::llround(minutes * 60'000.0)}; };
    const flex::RuleBook* book = context_.rules.book.get();
    const double usual = book == nullptr ? flex::ArmingRules{}.review_minutes : book->arming.review_minutes;
    const UtcTime handed_over = record_.overload.end - reached_by_live;
    const UtcTime seldom =
        std::min(now() + span_of(context_.rules.week_ahead.review_minutes), std::max(handed_over, now()));
    const UtcTime often = now() + span_of(usual);
    return std::min(now() < handed_over ? seldom : often, record_.overload.start - context_.options.lead);
}

flex::ArmingRules FlexEvent::arming_rules() const {
    flex::ArmingRules rules = context_.rules.book->arming;
    if (is_week_ahead()) {
        rules.review_minutes = std::max(1.0, static_cast<double>((next_look() - now()).count()) / 60'000.0);
    }
    return rules;
}

bool FlexEvent::is_confirmed() const {
    if (!context_.rules.limit_forecast) {
        return false;
    }
    risk::Overload begins = record_.overload;
    begins.need.w.resize(std::min(begins.need.w.size(), confirming_slots));
    const LimitForecast forecast = context_.rules.limit_forecast(begins);
    return !forecast.rows_w.empty() && !forecast.is_outlook;
}

/// The newest forecast, or outlook where none reaches, over the window and a little on either side; without
/// rows where nothing is known.
risk::RiskInput FlexEvent::need_question() const {
    risk::RiskInput input;
    const risk::Overload& overload = record_.overload;
    input.feeder = overload.feeder;
    input.limit = overload.limit;
    input.limit_w = std::llround(overload.limit.value * 1000.0);
    input.now = now();
    input.rules = context_.rules.risk;
    if (overload.alarm_quantile_ppm > 0) {
        input.rules.alarm_quantile_ppm = overload.alarm_quantile_ppm;
    }
    input.source = overload.source;
    bool is_outlook = true;
    for (const std::int64_t around : {moved_max, std::int64_t{0}}) {
        risk::Overload asked = overload;
        const UtcTime first = std::max(floor_period(now()), overload.need.start - period_length * around);
        const std::int64_t slots = (overload.end - first) / period_length + around;
        if (slots <= 0 || !is_outlook || !context_.rules.limit_forecast) {
            break;
        }
        asked.need = {first, std::vector<std::int64_t>(static_cast<std::size_t>(slots), 0)};
        LimitForecast forecast = context_.rules.limit_forecast(asked);
        // A live forecast of the window alone says more than an outlook of what is around it, too.
        if (!forecast.rows_w.empty() && (input.forecast_w.empty() || !forecast.is_outlook)) {
            is_outlook = forecast.is_outlook;
            input.forecast_start = first;
            input.forecast_w = std::move(forecast.rows_w);
        }
    }
    const UtcTime end =
        input.forecast_start + period_length * static_cast<std::int64_t>(input.forecast_w.size());
    input.rules.forecast_horizon_periods =
        std::clamp<std::int64_t>((end - floor_period(now())) / period_length, 0, 480);
    return input;
}

Awaitable<FlexEvent::Revised> FlexEvent::revise() {
    if (context_.rules.renew_outlook) {
        co_await context_.rules.renew_outlook(record_.overload);
    }
    const risk::RiskInput input = need_question();
    if (input.forecast_w.empty()) {
        co_return Revised::stands;  // nothing newer is known
    }
    const Result<std::optional<risk::Overload>> found = risk::assess(input);
    if (!found) {
        log::error("a need could not be judged anew",
                   {{"event", record_.id().value}, {"error", found.error().message}});
        co_return Revised::stands;
    }
    const std::vector<std::int64_t> before = record_.overload.need.w;
    const UtcTime begun = record_.overload.need.start;
    const bool is_same = *found && (*found)->need == record_.overload.need;
    if (is_same) {
        co_return Revised::stands;
    }
    std::int64_t most_more = 0;
    const std::int64_t largest = before.empty() ? 0 : *std::max_element(before.begin(), before.end());
    if (*found) {
        const flex::IntervalGrid old{begun, period_length, before};
        for (std::size_t slot = 0; slot < (*found)->need.w.size(); ++slot) {
            const UtcTime at = (*found)->need.start + period_length * static_cast<std::int64_t>(slot);
            most_more = std::max(most_more, (*found)->need.w[slot] - old.at(at));
        }
        risk::Overload revised = **found;
        revised.event = record_.overload.event;
        revised.detected_at = record_.overload.detected_at;
        record_.overload = std::move(revised);
        refresh_totals(record_, now());
    }
    json::Object body{{"state", std::string(to_string(record_.state))},
                      {"why", *found ? "the need was judged anew" : "the need is gone"},
                      {"decision", "risk.raise"},
                      {"input", risk::to_json(input)},
                      {"overload", *found ? risk::to_json(**found) : json::Value("none")},
                      {"forecast_method", is_confirmed() ? "live" : risk::outlook_method}};
    if (*found) {
        body.set("window", json::object({{"start", format_utc(record_.overload.start)},
                                         {"end", format_utc(record_.overload.end)}}));
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
    const bool is_grown = most_more > std::max(grown_least_w, largest / grown_one_in);
    co_return !*found ? Revised::cleared : is_grown ? Revised::grown : Revised::stands;
}

Awaitable<bool> FlexEvent::decide_anew() {
    const Revised revised = co_await revise();
    if (revised == Revised::cleared) {
        co_await finish(EventState::cancelled, "cleared",
                        "What had been seen days ahead is within the limit by now; nothing was bought.");
        co_return false;
    }
    if (is_near() && !is_confirmed()) {
        co_await alarm("unconfirmed", "no live forecast confirms " + describe(record_));
        co_await finish(EventState::cancelled, "unconfirmed",
                        "It was seen days ahead, and no live forecast confirms it; nothing was bought.");
        co_return false;
    }
    co_return true;
}

/// Nobody offers anything yet: the window is days ahead, and it is asked again.
Awaitable<void> FlexEvent::wait_for_offers() {
    record_.review_at = next_look();
    record_.reviews += 1;
    const std::string because =
        nothing_because_.empty() ? "nobody offers anything usable yet" : nothing_because_;
    json::Object body{{"state", std::string(to_string(record_.state))}, {"why", because}};
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", std::move(body)));
    co_await note_all(std::move(drafts));
    co_await wait_for_review();
}

Awaitable<bool> FlexEvent::review_armed() {
    const Revised revised = co_await revise();
    if (revised == Revised::cleared) {
        co_await release_armed("cleared",
                               "What had been seen days ahead is within the limit by now: what was armed is "
                               "released. Being armed is paid for.");
        co_return false;
    }
    milliseconds notice{0};
    for (const Assignment& assignment : record_.assignments) {
        if (const grid::Der* der = context_.parts.network.der(assignment.der)) {
            notice = std::max(notice, der->notice);
        }
    }
    const bool is_due = now() + notice + context_.options.lead >= record_.overload.start;
    if (is_due && !is_confirmed()) {
        co_await alarm("unconfirmed", "no live forecast confirms " + describe(record_));
        co_await release_armed(
            "unconfirmed",
            "It was seen days ahead, and no live forecast confirms it: what was armed is released, not "
            "used. Being armed is paid for.");
        co_return false;
    }
    const bool is_unanswered = record_.more_until && !is_more_open();
    if (revised == Revised::grown || is_unanswered) {
        co_await top_up_armed(revised == Revised::grown ? "the need has grown"
                                                        : "nobody answered about the plan for more");
    }
    co_return true;
}

/// Not counted among the rounds, of which the window itself may need all.
Awaitable<void> FlexEvent::top_up_armed(std::string why) {
    co_await take_more();
    if (!needs_top_up()) {
        co_return;
    }
    const Turns::Turn turn = co_await context_.turns.take(branch());
    record_.reviews += 1;
    held_back_by_.clear();
    const bool may_act = co_await plan_round(std::move(why));
    if (may_act) {
        co_await contract_round(product());
    }
    const std::string asked = co_await ask_for_more();
    is_write_refused_ = false;  // asked for again while it is uncovered
    refresh_totals(record_, now());
    if (record_.shortfall.value > 0) {
        co_await alarm("shortfall", std::to_string((record_.shortfall.value + 500) / 1000) + " kW of " +
                                        describe(record_) + " are not covered yet" +
                                        (may_act         ? held_back()
                                         : asked.empty() ? ": " + record_.authority_reason
                                                         : asked));
    }
    co_await note_state();
}

Awaitable<void> FlexEvent::release_armed(std::string outcome, std::string note) {
    std::vector<Awaitable<Result<flex::Contract>>> ended = cancel_contracts(note);
    static_cast<void>(co_await gather(std::move(ended)));
    co_await finish(EventState::cancelled, std::move(outcome), std::move(note));
}

}  // namespace headroom::agents
