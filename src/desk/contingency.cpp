#include "desk/contingency.hpp"

#include "core/small_letters.hpp"
#include "desk/amounts.hpp"

#include <algorithm>
#include <utility>

namespace headroom::desk {
namespace {

using contingency::ShelfPlan;

double part(std::int64_t ppm) {
    return static_cast<double>(ppm) / 1e6;
}

std::vector<double> row(const contingency::PeriodWatts& watts) {
    std::vector<double> out;
    out.reserve(watts.size());
    for (const std::int64_t value : watts) {
        out.push_back(kw_of(value));
    }
    return out;
}

bool has_plan(const ShelfPlan& plan) {
    return plan.is_load_known && plan.is_energised;
}

ContingencyAnswer summary_of(const ShelfPlan& plan, std::size_t rank) {
    ContingencyAnswer out{.element_id = plan.element,
                          .name = plan.name,
                          .kind = plan.is_feeder ? "feeder" : "substation",
                          .rank = static_cast<std::int64_t>(rank),
                          .cover = has_plan(plan) ? std::string(to_string(plan.cover)) : "none",
                          .reason = plan.reason,
                          .mode = plan.mode,
                          .interrupted_kw = kw_of(plan.interrupted_peak_w),
                          .unrestored_kw = kw_of(plan.unrestored_peak_w),
                          .unserved_kwh = kwh_of(plan.unserved_wh),
                          .time_to_limit_minutes = plan.time_to_limit_minutes,
                          .switches = static_cast<std::int64_t>(plan.switching.size()),
                          .receivers = static_cast<std::int64_t>(plan.receivers.size())};
    if (plan.customers > 0) {
        out.customers = plan.customers;
    }
    for (const contingency::ShelfOrder& order : plan.orders) {
        out.orders_kw += kw_of(order.peak_w());
    }
    for (const contingency::DoubtReason& doubt : plan.doubts) {
        out.doubts.emplace_back(to_string(doubt.doubt));
    }
    return out;
}

ReceiverAnswer answer_of(const contingency::Receiver& one) {
    ReceiverAnswer out{.element_id = one.element,
                       .phase = one.phase,
                       .before_kw = row(one.before_w),
                       .after_kw = row(one.after_w),
                       .need_kw = row(one.need_w),
                       .peak_loading = part(one.peak_ppm),
                       .time_to_limit_minutes = one.time_to_limit_minutes,
                       .time_to_act_minutes = one.time_to_act_minutes};
    if (one.limit_w > 0) {
        out.limit_kw = kw_of(one.limit_w);
    }
    for (const contingency::LimitUse& limit : one.limits) {
        out.limits.push_back({.kind = limit.kind,
                              .phase = limit.phase,
                              .limit_kw = kw_of(limit.limit_w),
                              .peak_kw = kw_of(limit.peak_w),
                              .reached_after_minutes = limit.reached_after_minutes,
                              .allowed_minutes = limit.allowed_minutes});
    }
    return out;
}

ShelfOrderAnswer answer_of(const contingency::ShelfOrder& one) {
    ShelfOrderAnswer out{.feeder_id = one.feeder,
                         .phase = one.phase,
                         .from_minutes = one.from_minutes,
                         .power_kw = row(one.power_w),
                         .peak_kw = kw_of(one.peak_w()),
                         .der_ids = one.ders,
                         .ders_count = one.ders_count,
                         .authority = one.authority,
                         .authority_reason = one.authority_reason,
                         .guard = one.guard,
                         .guard_reason = one.guard_reason};
    if (!one.event.empty()) {
        out.event_id = one.event;
    }
    return out;
}

ShelfUseAnswer answer_of(const agents::ShelfUse& use) {
    ShelfUseAnswer out{.at = use.at,
                       .state = use.state,
                       .source = use.source,
                       .carried_out = use.carried_out,
                       .detail = use.detail,
                       .plan_sha256 = use.plan_sha256};
    for (const EventId& event : use.events) {
        out.event_ids.push_back(event.value);
    }
    if (use.first_command_us >= 0) {
        out.first_command_ms = static_cast<double>(use.first_command_us) / 1000.0;
    }
    return out;
}

bool matches(const ShelfPlan& plan, const ContingencyQuery& query) {
    if (!query.cover.empty() && (!has_plan(plan) || to_string(plan.cover) != query.cover)) {
        return false;
    }
    if (!query.kind.empty() && (query.kind == "feeder") != plan.is_feeder) {
        return false;
    }
    return query.text.empty() || small_letters(plan.element).find(query.text) != std::string::npos ||
           small_letters(plan.name).find(query.text) != std::string::npos;
}

}  // namespace

ContingencyDetail contingency_detail(const ShelfPlan& plan, std::size_t rank, UtcTime as_of) {
    ContingencyDetail out{.summary = summary_of(plan, rank),
                          .as_of = as_of,
                          .start = plan.start,
                          .quantile = part(plan.quantile_ppm),
                          .plan_sha256 = contingency::plan_sha256(plan),
                          .interrupted_kw = row(plan.interrupted_w),
                          .unrestored_kw = row(plan.unrestored_w)};
    for (const contingency::Switching& one : plan.switching) {
        out.switching.push_back({.tie_id = one.tie,
                                 .from = one.from,
                                 .to = one.to,
                                 .close_after_minutes = one.close_after_minutes,
                                 .waits_for_orders = one.waits_for_orders,
                                 .is_remote = one.is_remote,
                                 .share = part(one.share_ppm),
                                 .peak_kw = kw_of(one.peak_w),
                                 .rating_kw = kw_of(one.rating_w)});
    }
    for (const contingency::UnusedTie& one : plan.unused) {
        out.unused.push_back({one.tie, one.reason});
    }
    for (const contingency::Receiver& one : plan.receivers) {
        out.receivers.push_back(answer_of(one));
    }
    for (const contingency::ShelfOrder& one : plan.orders) {
        out.orders.push_back(answer_of(one));
    }
    for (const contingency::DoubtReason& one : plan.doubts) {
        out.doubts.push_back({std::string(to_string(one.doubt)), one.detail});
    }
    for (const contingency::Pathway& one : plan.pathways) {
        out.pathways.push_back({.name = one.name,
                                .assumes = one.assumes,
                                .closes = one.closes,
                                .restored_kw = kw_of(one.restored_peak_w),
                                .unserved_kwh = kwh_of(one.unserved_wh),
                                .flexibility_kw = kw_of(one.flexibility_peak_w),
                                .worst_loading = part(one.worst_loading_ppm)});
    }
    return out;
}

Result<void> ContingencyDesk::ready() const {
    return agent_.as_of() ? Result<void>{}
                          : Error{Errc::unavailable,
                                  "the first plans of the shelf are being made: ask again in a moment"};
}

Result<Page<ContingencyAnswer>> ContingencyDesk::list(const ContingencyQuery& given) const {
    if (!given.cover.empty() && !contingency::parse_cover(given.cover)) {
        return Error{Errc::invalid, "cover is covered, partly or uncovered", "/cover"};
    }
    if (!given.kind.empty() && given.kind != "feeder" && given.kind != "substation") {
        return Error{Errc::invalid, "kind is feeder or substation", "/kind"};
    }
    if (const Result<void> is_ready = ready(); !is_ready) {
        return is_ready.error();
    }
    ContingencyQuery query = given;
    query.text = small_letters(query.text);
    std::vector<ContingencyAnswer> found;
    std::size_t rank = 0;
    for (const std::size_t at : agent_.shelf().ranked()) {
        rank += 1;
        const ShelfPlan& plan = agent_.shelf().plans()[at];
        if (matches(plan, query)) {
            found.push_back(summary_of(plan, rank));
        }
    }
    return page_of_list(std::move(found), query.page);
}

Result<ContingencyDetail> ContingencyDesk::show(const std::string& element) const {
    if (agent_.shelf().network().find(element) == contingency::ShelfNetwork::none) {
        return Error{Errc::not_found, "no feeder or substation " + element};
    }
    if (const Result<void> is_ready = ready(); !is_ready) {
        return is_ready.error();
    }
    const ShelfPlan* plan = agent_.shelf().plan(element);
    if (plan == nullptr) {
        return Error{Errc::unavailable, "there is no plan for " + element + " yet"};
    }
    const std::vector<std::size_t> order = agent_.shelf().ranked();
    const auto place = std::find_if(order.begin(), order.end(), [&](std::size_t at) {
        return agent_.shelf().plans()[at].element == element;
    });
    ContingencyDetail out =
        contingency_detail(*plan, static_cast<std::size_t>(place - order.begin()) + 1, *agent_.as_of());
    if (const agents::ShelfUse* use = agent_.use_of(element)) {
        out.used = answer_of(*use);
    }
    return out;
}

Awaitable<Result<ContingencyDetail>> ContingencyDesk::carry_out(std::string element, Caller caller) {
    std::string asked = element;
    const Result<agents::ShelfUse> done = co_await agent_.carry_out(std::move(asked), std::move(caller));
    if (!done) {
        co_return done.error();
    }
    co_return show(element);
}

}  // namespace headroom::desk
