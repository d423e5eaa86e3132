// Whether devices follow and the load at the limit comes down; what follows when they do not.
#include "agents/flex_event.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {
namespace {

constexpr int over_in_a_row_for_more = 2;
/// After more has been bought, the load is given this many looks before more is asked for again.
constexpr int patience_after_more = -3;
/// The last minutes of a window, in which it is decided whether it must grow.
constexpr milliseconds before_end{minutes{5}};
/// A top-up asks for a twentieth more than the excess that was seen.
constexpr double top_up_factor = 1.05;

std::int64_t in_watts(double kw) {
    return static_cast<std::int64_t>(std::llround(kw * 1000.0));
}

}  // namespace

/// Whether each device does what it acknowledged; one that does not is counted out and replaced.
Awaitable<void> FlexEvent::look_at_devices() {
    json::Array failed;
    const bool up = record_.overload.limit.direction == grid::Direction::export_;
    for (Assignment& assignment : record_.assignments) {
        const auto change = told_w_.find(assignment.der);
        if (!is_told(assignment) || change == told_w_.end() || change->second <= 0) {
            continue;
        }
        const std::optional<double> load_kw = context_.parts.views.der_load_kw(assignment.der);
        if (!load_kw) {
            continue;
        }
        const std::int64_t moved = up ? in_watts(*load_kw) - assignment.baseline.value
                                      : assignment.baseline.value - in_watts(*load_kw);
        if (moved * 2 >= change->second) {
            assignment.state = "following";
            stamp("responding");
            continue;
        }
        const auto since = told_since_.find(assignment.der);
        const UtcTime told = since == told_since_.end() ? now() : since->second;
        told_since_.try_emplace(assignment.der, told);
        if (assignment.state == "told" && now() - told >= context_.options.respond_within) {
            assignment.state = "silent";
            told_w_.erase(change);
            failed.emplace_back(
                json::Object{{"der", assignment.der}, {"state", "not_following"}, {"moved_w", moved}});
        }
    }
    if (failed.empty()) {
        co_return;
    }
    refresh_totals(record_, now());
    is_less_than_planned_ = true;
    if (needs_top_up()) {
        needs_more_ = true;
        more_because_ = "devices that acknowledged but do not follow are replaced";
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("dispatch.replace", json::Object{{"failed", std::move(failed)},
                                                            {"uncovered_w", record_.shortfall.value}}));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("a replacement could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
}

std::optional<std::int64_t> FlexEvent::excess_w() const {
    const std::optional<double> load_kw = context_.parts.views.limit_load_kw(record_.overload);
    if (!load_kw) {
        return std::nullopt;
    }
    const bool up = record_.overload.limit.direction == grid::Direction::export_;
    return in_watts((up ? -*load_kw : *load_kw) - record_.overload.limit.value);
}

/// Watches the limit itself: when it stays exceeded although everybody follows, more is bought.
void FlexEvent::look_at_load() {
    const std::optional<std::int64_t> excess = excess_w();
    if (!excess || record_.state != EventState::active || now() < record_.overload.start) {
        return;
    }
    if (*excess <= 0) {
        over_in_a_row_ = std::min(over_in_a_row_, 0);
        stamp("relieved");
        return;
    }
    over_in_a_row_ += 1;
    if (over_in_a_row_ < over_in_a_row_for_more) {
        return;
    }
    const std::vector<std::int64_t> relief = committed_relief(record_);
    risk::PeriodPower& need = record_.overload.need;
    const auto more = static_cast<std::int64_t>(std::llround(static_cast<double>(*excess) * top_up_factor));
    for (std::size_t slot = 0; slot < need.w.size(); ++slot) {
        if (need.start + period_length * static_cast<std::int64_t>(slot + 1) > now()) {
            need.w[slot] = std::max(need.w[slot], relief[slot] + more);
        }
    }
    refresh_totals(record_, now());
    over_in_a_row_ = patience_after_more;
    if (rounds_used() >= context_.options.rounds_max) {
        return;
    }
    needs_more_ = true;
    more_because_ = "the load is still over the limit";
}

/// Shortly before the end: when the load without relief would still be over the limit, the window grows by a
/// half-hour.
Awaitable<void> FlexEvent::extend_if_needed() {
    if (extensions_ >= context_.options.extensions_max || now() + before_end < record_.overload.end ||
        now() >= record_.overload.end) {
        co_return;
    }
    const std::optional<std::int64_t> excess = excess_w();
    if (!excess) {
        co_return;
    }
    std::int64_t relief_w = 0;
    for (const Assignment& assignment : record_.assignments) {
        if (assignment.state == "following") {
            relief_w += assignment.power_w.at(now()) * assignment.relief_ppm / 1'000'000;
        }
    }
    const std::int64_t without = *excess + relief_w;
    if (without <= 0 || extended_to_ == record_.overload.end + period_length) {
        co_return;
    }
    extensions_ += 1;
    record_.extended = true;
    extended_to_ = record_.overload.end + period_length;
    record_.overload.end += period_length;
    record_.overload.need.w.push_back(
        static_cast<std::int64_t>(std::llround(static_cast<double>(without) * top_up_factor)));
    refresh_totals(record_, now());
    needs_more_ = record_.shortfall.value > 0;
    more_because_ = "the load would still be over the limit at the end of the window";
    std::vector<audit::Draft> drafts;
    drafts.push_back(draft("event.state", json::Object{{"state", "active"},
                                                       {"extended_to", format_utc(record_.overload.end)},
                                                       {"without_w", without}}));
    const Result<void> written = co_await write(std::move(drafts));
    if (!written) {
        log::error("an extension could not be written down",
                   {{"event", record_.id().value}, {"error", written.error().message}});
    }
}

}  // namespace headroom::agents
