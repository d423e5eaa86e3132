#include "desk/describe_entry.hpp"

#include <fmt/format.h>

namespace headroom::desk {
namespace {

std::string kw_words(std::int64_t watts) {
    return fmt::format("{:.1f} kW", static_cast<double>(watts) / 1000.0);
}

std::string gbp_words(std::int64_t micro) {
    return fmt::format("£{:.2f}", static_cast<double>(micro) / 1e6);
}

}  // namespace

std::string hour_and_minute(const std::string& time) {
    return time.size() >= 16 ? time.substr(11, 5) : time;
}

std::string describe(const audit::Entry& entry) {
    const json::Value body(entry.body);
    const std::string feeder = body.text("/event_after/overload/feeder", body.text("/overload/feeder"));
    if (entry.type == "constraint.raised") {
        if (body.text("/horizon") == "week_ahead") {
            return fmt::format(
                "Week ahead: {} {} is seen {} over its limit on {}, {}–{} UTC; it is armed for at most",
                feeder, body.text("/overload/limit/phase"), kw_words(body.integer("/overload/peak_over_w")),
                body.text("/overload/start").substr(0, 10), hour_and_minute(body.text("/overload/start")),
                hour_and_minute(body.text("/overload/end")));
        }
        return fmt::format(
            "Overload {} on {} {}: {} over the limit, {}–{} UTC", body.text("/overload/cause"), feeder,
            body.text("/overload/limit/phase"), kw_words(body.integer("/overload/peak_over_w")),
            hour_and_minute(body.text("/overload/start")), hour_and_minute(body.text("/overload/end")));
    }
    if (entry.type == "dispatch.plan") {
        return fmt::format("Plan {} for {}: {}, {}, shortfall {}; authority {}", body.integer("/round"),
                           feeder, body.text("/chosen"), gbp_words(body.integer("/cost_micro_gbp")),
                           kw_words(body.integer("/shortfall_w")), body.text("/authority"));
    }
    if (entry.type == "copilot.exchange") {
        return fmt::format("{} was asked ({}): {}, {} ms", body.text("/model"), body.text("/purpose"),
                           body.text("/verdict"), body.integer("/latency_ms"));
    }
    if (entry.type == "ai.proposal") {
        return fmt::format(
            "{} proposed a plan for {}, shortfall {}; every guard let it pass. The plan stands "
            "unless a person approves the proposal",
            body.text("/model"), gbp_words(body.integer("/cost_micro_gbp")),
            kw_words(body.integer("/shortfall_w")));
    }
    if (entry.type == "ai.rejected") {
        const std::string guard = body.text("/guard");
        return fmt::format("The plan stands: {}{}", body.text("/verdict"),
                           guard.empty() ? "" : ", refused by the guard of " + guard);
    }
    if (entry.type == "rules.cited") {
        return fmt::format("Rulebooks speak of the plan: {} and others", body.text("/rule_refs/0/document"));
    }
    if (entry.type == "dispatch.approve") {
        return "Plan approved: " + body.text("/reason");
    }
    if (entry.type == "dispatch.reject") {
        return "Plan rejected: " + body.text("/reason");
    }
    if (entry.type == "scenario.run") {
        return fmt::format("Scenario {} run for {}: {} critical, {} high, {} medium of {} assets",
                           body.text("/scenario", body.text("/event")), body.text("/place"),
                           body.integer("/risks/critical"), body.integer("/risks/high"),
                           body.integer("/risks/medium"), body.integer("/assets"));
    }
    if (entry.type == "shelf.plan") {
        return fmt::format("The shelf: {} of {} losses uncovered, {} partly; {} changed",
                           body.integer("/uncovered"), body.integer("/elements"), body.integer("/partly"),
                           body.integer("/changed"));
    }
    if (entry.type == "shelf.used") {
        return "Shelf: " + body.text("/detail");
    }
    if (entry.type == "shelf.evidence") {
        return "What the plan for the loss of " + body.text("/element") + " was made from";
    }
    if (entry.type == "shelf.first_command") {
        return fmt::format("First command for the loss of {} {:.1f} ms after detection",
                           body.text("/element"),
                           static_cast<double>(body.integer("/first_command_us")) / 1000.0);
    }
    if (entry.type == "order.judged") {
        return entry.outcome == "ok"
                   ? fmt::format("{}: {} lines within the rules' budgets and starts", body.text("/provider"),
                                 body.integer("/bought"))
                   : fmt::format("{}: {} lines may be bought, {} not: rule {}, {}", body.text("/provider"),
                                 body.integer("/bought"), body.integer("/refused_lines"),
                                 body.text("/refused/0/rule"), body.text("/refused/0/detail"));
    }
    if (entry.type == "order.contracted") {
        return entry.outcome == "ok"
                   ? fmt::format("{} confirmed order {}", body.text("/provider"), body.text("/order_id"))
                   : fmt::format("{} did not confirm: {}", body.text("/provider"), body.text("/failure"));
    }
    if (entry.type == "need.published") {
        return fmt::format("Need {} on {} published: {}", body.text("/need_id"), body.text("/feeder"),
                           body.text("/reason"));
    }
    if (entry.type == "need.cleared") {
        return fmt::format("Need {} cleared, round {}: {} bids", body.text("/need_id"),
                           body.integer("/round"), body.integer("/bids"));
    }
    if (entry.type == "need.closed" || entry.type == "need.withdrawn") {
        return fmt::format("Need {} {}: {}", body.text("/need_id"), entry.type.substr(5), body.text("/why"));
    }
    if (entry.type == "need.settled") {
        return fmt::format("Order {} of {} settled {}: the seller receives {}", body.text("/order_id"),
                           body.text("/provider"), body.text("/why"),
                           gbp_words(body.integer("/flows/1/micro")));
    }
    if (entry.type == "order.activated") {
        return fmt::format("{} activated for {}", body.text("/provider"), feeder);
    }
    if (entry.type == "dispatch.order.intent") {
        if (body.text("/kind") == "release") {
            return fmt::format("{} is released", body.text("/der"));
        }
        return fmt::format("{} is told {} at {}", body.text("/der"), body.text("/kind"),
                           kw_words(body.integer("/setpoint_w")));
    }
    if (entry.type == "dispatch.order.nack" || entry.type == "dispatch.order.timeout") {
        return fmt::format("{}: {}", body.text("/der", body.text("/order")),
                           entry.type == "dispatch.order.timeout" ? "no acknowledgement"
                                                                  : "refused " + body.text("/reason"));
    }
    if (entry.type == "dispatch.replace") {
        return fmt::format("Replacing devices on {}: {} uncovered", feeder,
                           kw_words(body.integer("/uncovered_w")));
    }
    if (entry.type == "guard.refused") {
        return fmt::format("The guard refused {}: {}", body.text("/der"), body.text("/detail"));
    }
    if (entry.type == "alarm.raised") {
        return body.text("/detail");
    }
    if (entry.type == "settlement.record" || entry.type == "settlement.correction") {
        const std::int64_t version = body.integer("/statement/version", 1);
        const std::string state = body.text("/statement/state");
        return fmt::format("Statement {}{}: £{:.2f}{}", body.text("/statement/id"),
                           version > 1 ? fmt::format(", version {}", version) : "",
                           static_cast<double>(body.integer("/statement/total_pence")) / 100.0,
                           state == "HELD" ? ", the rest is held until a person has decided" : "");
    }
    if (entry.type == "event.closed") {
        return fmt::format("Event on {} closed: {}", feeder, body.text("/outcome"));
    }
    if (entry.type == "config.change" && body.text("/subject") == "grid") {
        return fmt::format("Grid changed: {} new, {} gone, {} changed, {} with other limits. {}",
                           body.integer("/added_count"), body.integer("/removed_count"),
                           body.integer("/changed_count"), body.integer("/limits_changed_count"),
                           body.text("/reason"));
    }
    if (entry.type == "programme.set") {
        return fmt::format("Programme {} {}: {}", body.text("/id"), body.text("/change"),
                           body.text("/reason"));
    }
    if (entry.type == "enrolment.set") {
        return fmt::format("{} {} in {}: {}", body.text("/enrolment/der"), body.text("/change"),
                           body.text("/enrolment/programme"), body.text("/reason"));
    }
    if (entry.type == "trust.incident.opened") {
        return fmt::format("Readings in doubt at {}: {}. {}", body.text("/incident/place"),
                           body.text("/incident/kind"), body.text("/incident/detail"));
    }
    if (entry.type == "trust.incident.closed") {
        return fmt::format("Doubt about {} is over: {}",
                           body.text("/incident/meter", body.text("/incident/place")),
                           body.text("/incident/closed_because"));
    }
    if (entry.type == "trust.correction.applied" || entry.type == "trust.correction.reverted") {
        return fmt::format("Correction of {} {}: {}", body.text("/correction/meter"),
                           entry.type == "trust.correction.applied" ? "applied" : "taken back",
                           body.text("/correction/proposal"));
    }
    if (entry.type == "stop.all") {
        return body.boolean("/stopped") ? "STOP ALL in force: " + body.text("/area")
                                        : "Stop lifted: " + body.text("/area");
    }
    if (entry.type == "feeder.takeover" || entry.type == "feeder.handback" || entry.type == "state.change") {
        return fmt::format("{} {}: {}", body.text("/element"),
                           entry.type == "feeder.takeover"   ? "taken over"
                           : entry.type == "feeder.handback" ? "handed back"
                                                             : body.text("/state"),
                           body.text("/reason"));
    }
    return "";
}

}  // namespace headroom::desk
