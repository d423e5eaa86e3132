#include "grid/words.hpp"

#include "scenario/run_result.hpp"

namespace headroom::scenario {
namespace {

constexpr grid::Words<AssetType, 10> type_words{{{AssetType::substation, "substation"},
                                                 {AssetType::feeder, "feeder"},
                                                 {AssetType::ev_hub, "ev_hub"},
                                                 {AssetType::solar_farm, "solar_farm"},
                                                 {AssetType::battery, "battery"},
                                                 {AssetType::data_centre, "data_centre"},
                                                 {AssetType::heat_network, "heat_network"},
                                                 {AssetType::building, "building"},
                                                 {AssetType::hospital, "hospital"},
                                                 {AssetType::other, "other"}}};
constexpr grid::Words<Criticality, 3> criticality_words{
    {{Criticality::low, "low"}, {Criticality::medium, "medium"}, {Criticality::high, "high"}}};
constexpr grid::Words<ThermalKind, 6> thermal_words{{{ThermalKind::none, "none"},
                                                     {ThermalKind::onan, "onan"},
                                                     {ThermalKind::onaf, "onaf"},
                                                     {ThermalKind::ofaf, "ofaf"},
                                                     {ThermalKind::cable, "cable"},
                                                     {ThermalKind::overhead_line, "overhead_line"}}};
constexpr grid::Words<LoadClass, load_class_count> class_words{
    {{LoadClass::domestic, "domestic"},
     {LoadClass::electric_heating, "electric_heating"},
     {LoadClass::commercial, "commercial"},
     {LoadClass::industrial, "industrial"},
     {LoadClass::ev_charging, "ev_charging"},
     {LoadClass::data_centre, "data_centre"}}};
constexpr grid::Words<Event, 7> event_words{{{Event::normal, "normal"},
                                             {Event::heatwave, "heatwave"},
                                             {Event::cold_snap, "cold_snap"},
                                             {Event::flood, "flood"},
                                             {Event::storm, "storm"},
                                             {Event::ev_surge, "ev_surge"},
                                             {Event::loss_of_element, "loss_of_element"}}};
constexpr grid::Words<RiskLevel, 4> level_words{{{RiskLevel::low, "LOW"},
                                                 {RiskLevel::medium, "MEDIUM"},
                                                 {RiskLevel::high, "HIGH"},
                                                 {RiskLevel::critical, "CRITICAL"}}};
constexpr grid::Words<Remedy, 4> remedy_words{{{Remedy::do_nothing, "do_nothing"},
                                               {Remedy::reconfigure, "reconfigure"},
                                               {Remedy::dispatch, "dispatch"},
                                               {Remedy::both, "both"}}};

}  // namespace

std::string_view to_string(AssetType type) {
    return grid::word_of(type_words, type);
}
std::string_view to_string(Criticality criticality) {
    return grid::word_of(criticality_words, criticality);
}
std::string_view to_string(ThermalKind kind) {
    return grid::word_of(thermal_words, kind);
}
std::string_view to_string(LoadClass load_class) {
    return grid::word_of(class_words, load_class);
}
std::string_view to_string(Event event) {
    return grid::word_of(event_words, event);
}
std::string_view to_string(RiskLevel level) {
    return grid::word_of(level_words, level);
}
std::string_view to_string(Remedy remedy) {
    return grid::word_of(remedy_words, remedy);
}
std::optional<AssetType> parse_asset_type(std::string_view text) {
    return grid::value_of(type_words, text);
}
std::optional<Criticality> parse_criticality(std::string_view text) {
    return grid::value_of(criticality_words, text);
}
std::optional<ThermalKind> parse_thermal_kind(std::string_view text) {
    return grid::value_of(thermal_words, text);
}
std::optional<Event> parse_event(std::string_view text) {
    return grid::value_of(event_words, text);
}
std::optional<RiskLevel> parse_risk_level(std::string_view text) {
    return grid::value_of(level_words, text);
}

RiskLevel level_of_loading(double loading_percent) {
    return loading_percent > 120.0   ? RiskLevel::critical
           : loading_percent > 105.0 ? RiskLevel::high
           : loading_percent >= 95.0 ? RiskLevel::medium
                                     : RiskLevel::low;
}

}  // namespace headroom::scenario
