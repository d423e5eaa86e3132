#pragma once

#include "core/json.hpp"
#include "feeds/carbon_intensity.hpp"
#include "feeds/elexon.hpp"
#include "feeds/neso_portal.hpp"
#include "feeds/octopus_agile.hpp"
#include "feeds/open_meteo.hpp"
#include "feeds/openweathermap.hpp"
#include "feeds/ukpn.hpp"

namespace headroom::app {

// A value of a feed as the command line prints it; units stand in the names, what is absent is null.
[[nodiscard]] json::Value feed_value_json(const feeds::WeatherStep& value);
[[nodiscard]] json::Value feed_value_json(const feeds::carbon_intensity::CarbonPeriod& value);
[[nodiscard]] json::Value feed_value_json(const feeds::elexon::SystemPrice& value);
[[nodiscard]] json::Value feed_value_json(const feeds::elexon::MarketPrice& value);
[[nodiscard]] json::Value feed_value_json(const feeds::elexon::DemandForecast& value);
[[nodiscard]] json::Value feed_value_json(const feeds::octopus_agile::UnitRate& value);
[[nodiscard]] json::Value feed_value_json(const feeds::ukpn::LiveFault& value);
[[nodiscard]] json::Value feed_value_json(const feeds::ukpn::FlexibilityDispatch& value);
[[nodiscard]] json::Value feed_value_json(const feeds::ukpn::PrimarySite& value);
[[nodiscard]] json::Value feed_value_json(const feeds::neso_portal::Table& value);

}  // namespace headroom::app
