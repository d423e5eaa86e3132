#pragma once

#include "core/reflect.hpp"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// The transformer behind a limit, for the price of its ageing.
struct PlanTransformer {
    double rating_kw = 0.0;
    std::string cooling = "onan";  ///< onan, onaf or ofaf
    double replacement_gbp = 0.0;
    double life_hours = 180'000.0;  ///< of its paper at 98 °C; IEC 60076-7:2018, annex A
    double air_c = 20.0;
    double load_before_kw = 0.0;  ///< in balance under it when the first slot begins
};

/// A limit and the load that is expected at it.
struct PlanLimit {
    double limit_kw = 0.0;
    std::vector<double> load_kw = {};  ///< by slot, if nothing is done
    double spread_kw = 0.0;            ///< standard deviation of the load
    std::optional<double> cyclic_kw = {};
    std::optional<double> emergency_kw = {};
    double emergency_minutes = 0.0;  ///< for how long the emergency rating may be used
    std::optional<PlanTransformer> transformer = {};
};

/// What comes of doing nothing.
struct DoingNothing {
    std::optional<double> probability = {};  ///< that the limit is exceeded in at least one slot
    double minutes_over = 0.0;
    std::optional<double> loss_of_life_hours = {};  ///< normal life used up, in hours
    std::optional<double> loss_of_life_gbp = {};
    std::optional<double> hot_spot_c = {};
    bool is_within = false;  ///< the cyclic or emergency rating allows it
    std::string detail = {};
};

/// Judges it: within the cyclic rating, or within the emergency rating for its time; with a transformer only
/// while its hot spot stays within that of normal cyclic loading. Ageing by IEC 60076-7:2018
/// (scenario/thermal.hpp) under the expected load, in steps of at most five minutes. Without `load_kw`
/// nothing is within. Pure.
[[nodiscard]] DoingNothing judge_doing_nothing(const PlanLimit& limit, double step_minutes);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::PlanTransformer> {
    using T = flex::PlanTransformer;
    static constexpr std::string_view name = "PlanTransformer";
    static constexpr auto table = field_table(
        field("rating_kw", &T::rating_kw, "Nameplate.", {.unit = "kW", .minimum = 0.001, .maximum = 1e9}),
        field("cooling", &T::cooling, "onan, onaf or ofaf.", {.maximum = 8, .required = false}),
        field("replacement_gbp", &T::replacement_gbp, "What a new one costs, in place.",
              {.unit = "GBP", .minimum = 0, .maximum = 1e9, .required = false}),
        field("life_hours", &T::life_hours, "Of its paper at 98 °C.",
              {.unit = "h", .minimum = 1, .maximum = 1e7, .required = false}),
        field("air_c", &T::air_c, "Air temperature.",
              {.unit = "°C", .minimum = -50, .maximum = 60, .required = false}),
        field("load_before_kw", &T::load_before_kw, "In balance under it when the first slot begins.",
              {.unit = "kW", .minimum = 0, .maximum = 1e9, .required = false}));
};
template <>
struct Fields<flex::PlanLimit> {
    using T = flex::PlanLimit;
    static constexpr std::string_view name = "PlanLimit";
    static constexpr auto table =
        field_table(field("limit_kw", &T::limit_kw, "What is to be kept to.",
                          {.unit = "kW", .minimum = 0, .maximum = 1e9}),
                    field("load_kw", &T::load_kw, "Expected by slot if nothing is done.",
                          {.unit = "kW", .maximum = 64, .required = false}),
                    field("spread_kw", &T::spread_kw, "Standard deviation of that load.",
                          {.unit = "kW", .minimum = 0, .maximum = 1e9, .required = false}),
                    field("cyclic_kw", &T::cyclic_kw, "Cyclic rating.",
                          {.unit = "kW", .minimum = 0, .maximum = 1e9, .required = false}),
                    field("emergency_kw", &T::emergency_kw, "Emergency rating.",
                          {.unit = "kW", .minimum = 0, .maximum = 1e9, .required = false}),
                    field("emergency_minutes", &T::emergency_minutes, "For how long it may be used.",
                          {.unit = "min", .minimum = 0, .maximum = 1e6, .required = false}),
                    field("transformer", &T::transformer, "Behind the limit.", {.required = false}));
};
template <>
struct Fields<flex::DoingNothing> {
    using T = flex::DoingNothing;
    static constexpr std::string_view name = "DoingNothing";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("probability", &T::probability, "That the limit is exceeded in at least one slot."),
        field("minutes_over", &T::minutes_over, "Expected above the limit.", {.unit = "min"}),
        field("loss_of_life_hours", &T::loss_of_life_hours, "Normal life used up.", {.unit = "h"}),
        field("loss_of_life_gbp", &T::loss_of_life_gbp, "The same at the price of a new one.",
              {.unit = "GBP"}),
        field("hot_spot_c", &T::hot_spot_c, "Hottest.", {.unit = "°C"}),
        field("is_within", &T::is_within, "Whether the cyclic or emergency rating allows it."),
        field("detail", &T::detail, "In a sentence."));
};

}  // namespace headroom
