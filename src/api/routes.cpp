#include "api/routes.hpp"

#include "api/audit_door.hpp"
#include "api/commands_door.hpp"
#include "api/copilot_door.hpp"
#include "api/events_door.hpp"
#include "api/feeders_door.hpp"
#include "api/feeds_door.hpp"
#include "api/grid_door.hpp"
#include "api/idempotency.hpp"
#include "api/knowledge_door.hpp"
#include "api/live_door.hpp"
#include "api/market_door.hpp"
#include "api/mitigation_door.hpp"
#include "api/models_door.hpp"
#include "api/openapi.hpp"
#include "api/plans_door.hpp"
#include "api/process_door.hpp"
#include "api/programmes_door.hpp"
#include "api/quality_door.hpp"
#include "api/readings_door.hpp"
#include "api/scenario_door.hpp"
#include "api/series_door.hpp"
#include "api/static_files.hpp"
#include "api/trust_door.hpp"
#include "desk/planning.hpp"

#include <memory>
#include <utility>

namespace headroom::api {
void add_routes(net::HttpServer& server, Door given) {
    const auto door = std::make_shared<const Door>(std::move(given));
    // Lives as long as the handlers that refer to it.
    const auto once = std::make_shared<Idempotency>(door->records, door->wall);
    add_pages(server);
    add_process(server, door);
    add_readings(server, *door);
    add_feeders(server, door);
    add_series(server, door);
    add_quality(server, door);
    add_trust(server, door, once);
    add_programmes(server, door, once);
    add_models(server, door, once);
    const auto plans = std::make_shared<desk::Planning>();
    add_events(server, door, once);
    add_plans(server, door, plans, once);
    add_commands(server, door, once);
    add_grid(server, door, once);
    add_market(server, door, once);
    add_mitigation(server, door, once);
    add_scenarios(server, door, once);
    add_feeds(server, door);
    add_audit(server, door);
    add_knowledge(server, door);
    add_copilot(server, door);
    add_live(server, door);
    add_openapi(server);
}

}  // namespace headroom::api
