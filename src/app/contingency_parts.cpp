#include "app/contingency_parts.hpp"

#include "api/contingency_door.hpp"

#include <utility>

namespace headroom::app {

std::unique_ptr<agents::Contingency> open_contingency(const ContingencyWiring& wiring,
                                                      std::int64_t quantile_ppm,
                                                      const dispatch::guard::GuardRules& guard,
                                                      const flex::RuleBook* rules, bool has_market) {
    agents::ContingencyOptions options;
    options.quantile_ppm = quantile_ppm;
    options.guard = guard;
    options.has_market = has_market;
    if (rules != nullptr) {
        options.protected_ders = rules->protected_ders;
    }
    const auto learnt_until = [&retraining = wiring.retraining]() -> std::optional<UtcTime> {
        const agents::ModelInfo* model = retraining.store().find(retraining.serving());
        return model == nullptr ? std::nullopt : std::optional(model->data_to);
    };
    return std::make_unique<agents::Contingency>(
        agents::Contingency::Parts{.executor = wiring.executor,
                                   .clock = wiring.clock,
                                   .journal = wiring.journal,
                                   .orchestration = wiring.orchestration,
                                   .network = wiring.network,
                                   .registry = wiring.registry,
                                   .monitor = wiring.monitor,
                                   .learnt_until = learnt_until,
                                   .stale_reason = wiring.monitoring.views().stale_reason},
        std::move(options));
}

void add_contingency_routes(net::HttpServer& server, std::function<agents::Contingency*()> shelf,
                            std::function<agents::RecordStore&()> records, WallClock& wall) {
    const auto once = std::make_shared<api::Idempotency>(std::move(records), wall);
    api::add_contingencies(server, api::ContingencyDoor{std::move(shelf)}, once);
}

}  // namespace headroom::app
