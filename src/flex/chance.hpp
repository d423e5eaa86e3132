#pragma once

#include "core/ids.hpp"
#include "core/reflect.hpp"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// Relief that an event has bought already; it may fail as well.
struct StandingRelief {
    std::string der_id = {};
    std::int64_t reliability_ppm = 0;
    std::vector<std::int64_t> relief_w = {};  ///< as the limit sees it, by half-hour of what is planned
};

/// With which probability the load has to stay within the limit, and what is known of the load. What the load
/// may come to and who may fail are drawn together (docs/formats/rules.md).
struct ChanceAsked {
    std::int64_t probability_ppm = 0;
    std::string rule = {};                               ///< who asks for it
    std::vector<std::int64_t> quantiles_ppm = {};        ///< ascending, within (0, 1)
    std::vector<std::vector<std::int64_t>> over_w = {};  ///< by half-hour of what is planned, at each
                                                         ///< quantile: load above the limit, in its
                                                         ///< direction, before any relief of the event
    std::vector<StandingRelief> standing = {};
    std::string source = {};  ///< of the load; a sentence
};

/// Shares that are drawn may differ by so much.
inline constexpr std::int64_t chance_tolerance_ppm = 4'000;
/// How surely what stands already keeps the load within the limit: by the draws of a plan for `event`.
/// `asked` has a row for each half-hour, ascending, as `make_event_plan` wants it.
[[nodiscard]] std::int64_t standing_share_ppm(const ChanceAsked& asked, const EventId& event);

/// What became of it.
struct ChanceReached {
    std::int64_t asked_ppm = 0;
    std::string rule = {};
    std::int64_t reached_ppm = 0;  ///< by the plan, with what stands already
    std::int64_t before_ppm = 0;   ///< without the plan
    bool is_reached = false;
    std::string source = {};
    std::vector<std::string> would_help = {};  ///< what would have to give, where it is not reached
};

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::StandingRelief> {
    using T = flex::StandingRelief;
    static constexpr std::string_view name = "StandingRelief";
    static constexpr auto table =
        field_table(field("der_id", &T::der_id, "Of whom.", {.minimum = 1, .maximum = 256}),
                    field("reliability_ppm", &T::reliability_ppm, "That counts.",
                          {.unit = "ppm", .minimum = 0, .maximum = 1e6}),
                    field("relief_w", &T::relief_w, "By half-hour.", {.unit = "W", .maximum = 96}));
};
template <>
struct Fields<flex::ChanceAsked> {
    using T = flex::ChanceAsked;
    static constexpr std::string_view name = "ChanceAsked";
    static constexpr auto table = field_table(
        field("probability_ppm", &T::probability_ppm, "With which the load has to stay within the limit.",
              {.unit = "ppm", .minimum = 500'000, .maximum = 999'000}),
        field("rule", &T::rule, "Who asks for it.", {.maximum = 64}),
        field("quantiles_ppm", &T::quantiles_ppm, "Ascending.", {.unit = "ppm", .maximum = 99}),
        field("over_w", &T::over_w, "Load above the limit, by half-hour and quantile.",
              {.unit = "W", .maximum = 96}),
        field("standing", &T::standing, "Relief that is bought already.",
              {.maximum = 10'000, .required = false}),
        field("source", &T::source, "Who tells of the load.", {.maximum = 2'000}));
};
template <>
struct Fields<flex::ChanceReached> {
    using T = flex::ChanceReached;
    static constexpr std::string_view name = "ChanceReached";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("asked_ppm", &T::asked_ppm,
                          "Probability with which the load has to stay within the limit.", {.unit = "ppm"}),
                    field("rule", &T::rule, "Who asks for it."),
                    field("reached_ppm", &T::reached_ppm,
                          "Share of drawn loads and deliveries in which it does.", {.unit = "ppm"}),
                    field("before_ppm", &T::before_ppm, "The same without this plan.", {.unit = "ppm"}),
                    field("is_reached", &T::is_reached, "Whether that is as sure as asked."),
                    field("source", &T::source, "Who tells of the load."),
                    field("would_help", &T::would_help, "What would have to give, where it is not reached."));
};

}  // namespace headroom
