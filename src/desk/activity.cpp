#include "desk/activity.hpp"

#include <string_view>
#include <utility>

namespace headroom::desk {

void Activity::take(const audit::Entry& entry) {
    static const std::map<std::string, std::string, std::less<>> market_entries{
        {"beckn.sent", "messages_sent"},
        {"beckn.received", "messages_received"},
        {"order.contracted", "contracts"},
        {"order.activated", "activations"}};
    static const std::map<std::string, std::string, std::less<>> dispatch_entries{
        {"dispatch.order.intent", "instructions"}, {"dispatch.order.ack", "acknowledged"},
        {"dispatch.order.nack", "refused"},        {"dispatch.order.timeout", "timeouts"},
        {"dispatch.order.expired", "expired"},     {"dispatch.order.cancel", "cancelled"},
        {"guard.refused", "refused_by_guard"}};
    for (auto& [agent, entries] :
         {std::pair{&market_, &market_entries}, std::pair{&dispatch_, &dispatch_entries}}) {
        if (const auto found = entries->find(entry.type); found != entries->end()) {
            agent->counts[found->second] += 1;
            agent->last = entry.ts;
        }
    }
}

agents::AgentStatus Activity::status_of(std::string name, const Agent& agent, bool is_busy) {
    json::Object metrics;
    for (const auto& [what, count] : agent.counts) {
        metrics.set(what, count);
    }
    return {.name = std::move(name),
            .status = is_busy ? "active" : "idle",
            .last_updated = agent.last,
            .metrics = std::move(metrics)};
}

agents::AgentStatus Activity::market(bool is_busy) const {
    return status_of("market", market_, is_busy);
}

agents::AgentStatus Activity::dispatch(bool is_busy) const {
    return status_of("dispatch", dispatch_, is_busy);
}

}  // namespace headroom::desk
