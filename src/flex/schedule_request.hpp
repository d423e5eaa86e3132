#pragma once

#include "core/reflect_json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "flex/do_nothing.hpp"
#include "flex/plan_physics.hpp"
#include "flex/plan_switching.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

inline constexpr std::int64_t plan_request_ders_max = 20'000;

/// Half-open.
struct PlanWindow {
    UtcTime from{};
    UtcTime to{};
};

struct PlanNeed {
    std::string feeder_id = {};
    UtcTime start{};
    std::int64_t step_minutes = 30;
    std::vector<double> required_kw = {};
    std::vector<double> headroom_kw = {};  ///< room for rebound by slot; empty: none where relief is wanted
    std::string direction = "turn_down";
    std::vector<std::string> zones = {};  ///< what supplies the feeder, itself among it: for rules by zone
};

/// A DER as it is offered for one plan; every limit that is left out does not bind.
struct PlanDer {
    std::string der_id = {};
    std::string provider = {};
    std::string kind = {};
    double min_kw = 0.0;
    double max_kw = 0.0;
    std::optional<double> energy_kwh = {};
    double notice_minutes = 0.0;
    std::optional<double> max_duration_minutes = {};
    double min_rest_minutes = 0.0;
    std::optional<std::int64_t> max_activations = {};
    std::optional<std::vector<PlanWindow>> available = {};
    double activation_gbp = 0.0;
    double price_gbp_per_kwh = 0.0;
    double reliability = 1.0;
    double sensitivity = 1.0;
    std::optional<double> carbon_g_per_kwh = {};  ///< nothing: not known, which is not 0
    std::string direction = {};
    std::string exclusive_group = {};
    double rebound_share = 0.0;
    double rebound_minutes = 0.0;
    std::int64_t recent_activations = 0;
    double min_duration_minutes = 0.0;
    std::optional<double> ramp_kw_per_minute = {};
    std::optional<double> return_step_kw = {};
    std::optional<PlanBattery> battery = {};
    std::optional<PlanEv> ev = {};
    std::optional<PlanHeatPump> heat_pump = {};
    std::optional<PlanGenerator> generator = {};
    std::optional<PlanBefore> before = {};
    std::vector<PlanCommitment> commitments = {};
};

/// What POST /api/v1/plans plans: a need and the DERs that are offered for it.
struct PlanRequest {
    bool dry_run = true;
    std::int64_t seed = 0;
    std::optional<UtcTime> now = {};
    PlanNeed need = {};
    std::vector<PlanDer> ders = {};
    double shortfall_gbp_per_kwh = 0.0;
    std::optional<double> probability = {};
    std::string product = {};  ///< armed or spot; empty: spot
    std::optional<double> minutes_to_limit = {};
    std::optional<PlanLimit> limit = {};
    std::vector<PlanSwitching> switching = {};
    double carbon_gbp_per_tonne = 0.0;
};

/// When a half-hour or other step of the need begins.
[[nodiscard]] UtcTime slot_start(const PlanRequest& request, std::size_t slot);

/// Reads a request; every fault comes with its pointer, also those between members (a window that ends before
/// it begins). Nothing when there was a fault.
[[nodiscard]] std::optional<PlanRequest> read_plan_request(const json::Value& value,
                                                           std::vector<Fault>& faults);
/// Faults between members of a request whose shape is sound.
void check_plan_request(const PlanRequest& request, std::vector<Fault>& faults);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::PlanWindow> {
    using T = flex::PlanWindow;
    static constexpr std::string_view name = "PlanWindow";
    static constexpr auto table = field_table(field("from", &T::from, "First instant of it."),
                                              field("to", &T::to, "First instant after it."));
};
template <>
struct Fields<flex::PlanNeed> {
    using T = flex::PlanNeed;
    static constexpr std::string_view name = "PlanNeed";
    static constexpr auto table = field_table(
        field("feeder_id", &T::feeder_id, "Whose limit it is.",
              {.minimum = 1, .maximum = 64, .example = R"("F-017")"}),
        field("start", &T::start, "Of the first slot.", {.example = R"("2026-11-20T17:00:00Z")"}),
        field("step_minutes", &T::step_minutes, "Length of a slot.",
              {.unit = "min", .minimum = 1, .maximum = 1440, .required = false}),
        field("required_kw", &T::required_kw, "Relief wanted, slot by slot.",
              {.unit = "kW", .minimum = 1, .maximum = 64, .example = "[120.0,180.0,90.0]"}),
        field("headroom_kw", &T::headroom_kw,
              "Room below the limit, slot by slot, that a rebound may take; none where relief is wanted.",
              {.unit = "kW", .maximum = 64, .required = false}),
        field("direction", &T::direction, "turn_down or turn_up.",
              {.minimum = 1, .maximum = 16, .required = false}),
        field("zones", &T::zones, "What supplies the feeder, itself among it: for rules by zone.",
              {.maximum = 100, .required = false}));
};
template <>
struct Fields<flex::PlanDer> {
    using T = flex::PlanDer;
    static constexpr std::string_view name = "PlanDer";
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Its id. Named twice, it is used once.",
              {.minimum = 1, .maximum = 128, .example = R"("BAT-17")"}),
        field("provider", &T::provider, "Who offers it.", {.maximum = 128, .required = false}),
        field("kind", &T::kind, "battery, ev, heat_pump, generator …", {.maximum = 64, .required = false}),
        field("min_kw", &T::min_kw, "Least power while it is active.",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .required = false}),
        field("max_kw", &T::max_kw, "Largest power.",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .example = "25.0"}),
        field("energy_kwh", &T::energy_kwh, "What it can give over the whole plan.",
              {.unit = "kWh", .minimum = 0, .maximum = 1e9, .required = false}),
        field("notice_minutes", &T::notice_minutes, "From `now` to its first active slot.",
              {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("max_duration_minutes", &T::max_duration_minutes, "Of one activation.",
              {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("min_rest_minutes", &T::min_rest_minutes, "Between two activations.",
              {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("max_activations", &T::max_activations, "How often it may be started.",
              {.minimum = 0, .maximum = 1000, .required = false}),
        field("available", &T::available, "When it may run; left out: always.",
              {.maximum = 100, .required = false}),
        field("activation_gbp", &T::activation_gbp, "Price of a start.",
              {.unit = "GBP", .minimum = 0, .maximum = 1e6, .required = false}),
        field("price_gbp_per_kwh", &T::price_gbp_per_kwh, "Price of delivered energy.",
              {.unit = "GBP/kWh", .minimum = 0, .maximum = 1000, .example = "0.21"}),
        field("reliability", &T::reliability, "Probability that it delivers.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("sensitivity", &T::sensitivity, "What the limit sees of a kW.",
              {.minimum = -10, .maximum = 10, .required = false}),
        field("carbon_g_per_kwh", &T::carbon_g_per_kwh,
              "Of delivered energy; 0 is clean, left out is not known.",
              {.unit = "g/kWh", .minimum = 0, .maximum = 1e5, .required = false}),
        field("direction", &T::direction, "turn_down or turn_up; left out: as the need.",
              {.maximum = 16, .required = false}),
        field("exclusive_group", &T::exclusive_group, "At most one DER of a group is used.",
              {.maximum = 128, .required = false}),
        field("rebound_share", &T::rebound_share, "Of the last power, that comes back as load after release.",
              {.minimum = 0, .maximum = 10, .required = false}),
        field("rebound_minutes", &T::rebound_minutes, "How long.",
              {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("recent_activations", &T::recent_activations,
              "Starts of late: of DERs that are alike, the one that was asked least goes first.",
              {.minimum = 0, .maximum = 1e6, .required = false}),
        field("min_duration_minutes", &T::min_duration_minutes, "Of one activation at least.",
              {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("ramp_kw_per_minute", &T::ramp_kw_per_minute,
              "By how much its power may rise or fall from slot to slot, per minute of a slot.",
              {.unit = "kW/min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("return_step_kw", &T::return_step_kw,
              "By how much its load may come back from slot to slot (data centres).",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .required = false}),
        field("battery", &T::battery, "Where it is one.", {.required = false}),
        field("ev", &T::ev, "Where it is one.", {.required = false}),
        field("heat_pump", &T::heat_pump, "Where it is one.", {.required = false}),
        field("generator", &T::generator, "Where it is one.", {.required = false}),
        field("before", &T::before, "More that it may take before the need begins.", {.required = false}),
        field("commitments", &T::commitments, "What it has promised to other services.",
              {.maximum = 100, .required = false}));
};
template <>
struct Fields<flex::PlanRequest> {
    using T = flex::PlanRequest;
    static constexpr std::string_view name = "PlanRequest";
    static constexpr auto table = field_table(
        field("dry_run", &T::dry_run, "Always true: a plan that is handed in buys nothing.",
              {.required = false}),
        field("seed", &T::seed, "Of the search's draws.",
              {.minimum = 0, .maximum = 9007199254740991.0, .required = false}),
        field("now", &T::now, "From when notice counts; left out: the present.",
              {.required = false, .example = R"("2026-11-20T15:00:00Z")"}),
        field("need", &T::need, "What is to be covered."),
        field("ders", &T::ders, "What is offered.",
              {.maximum = static_cast<double>(flex::plan_request_ders_max)}),
        field("shortfall_gbp_per_kwh", &T::shortfall_gbp_per_kwh, "What an uncovered kWh costs.",
              {.unit = "GBP/kWh", .minimum = 0, .maximum = 10000, .example = "6.0"}),
        field("probability", &T::probability,
              "With which the need is to be covered; left out: in expectation.",
              {.minimum = 0.5, .maximum = 0.999, .required = false}),
        field("product", &T::product, "armed or spot: as what it is bought; left out: spot.",
              {.maximum = 8, .required = false}),
        field(
            "minutes_to_limit", &T::minutes_to_limit,
            "Until the limit is reached; 0: it is exceeded already. Rungs of the ladder that are slower are "
            "skipped; left out: none is.",
            {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
        field("limit", &T::limit, "The limit and its load: what doing nothing would come to.",
              {.required = false}),
        field("switching", &T::switching, "Ways to move load by switching.",
              {.maximum = 100, .required = false}),
        field("carbon_gbp_per_tonne", &T::carbon_gbp_per_tonne,
              "Weighs between offers; it is not paid. Left out: as the operator's rules say.",
              {.unit = "GBP/t", .minimum = 0, .maximum = 100'000, .required = false}));
};

}  // namespace headroom
