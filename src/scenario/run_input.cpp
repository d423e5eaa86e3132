#include "scenario/run_input.hpp"

#include "scenario/scenario_fields.hpp"

namespace headroom {

template <>
struct Fields<scenario::RunInput> {
    using T = scenario::RunInput;
    static constexpr std::string_view name = "ScenarioRunInput";
    static constexpr auto table =
        field_table(field("scenario", &T::scenario, "What is asked.", {}),
                    field("assets", &T::assets, "What it is asked of.",
                          {.maximum = static_cast<double>(scenario::run_assets_max)}),
                    field("weather", &T::weather, "The weather it starts from.", {.required = false}),
                    field("seed", &T::seed, "Of all that is drawn.",
                          {.minimum = 0, .maximum = 9007199254740991.0, .required = false}));
};

}  // namespace headroom

namespace headroom::scenario {

json::Value to_json(const RunInput& input) {
    return headroom::to_json(input);
}

Result<RunInput> run_input_from_json(const json::Value& value) {
    return headroom::from_json<RunInput>(value);
}

}  // namespace headroom::scenario
