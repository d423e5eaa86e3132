#include "app/run_explain.hpp"

#include "app/commands.hpp"
#include "app/forecast_input.hpp"
#include "app/time_text.hpp"
#include "core/json.hpp"
#include "forecast/explain.hpp"
#include "forecast/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace headroom::app {
namespace {

using forecast::Explanation;

Result<Explanation> explain_answer(const ExplainForecastCommand& command) {
    const Result<forecast::Ensemble> ensemble = forecast::load_model(command.model);
    if (!ensemble) {
        return ensemble.error();
    }
    const Result<ForecastInput> input = read_forecast_input(
        command.readings, command.covariates, {.ahead = command.known_ahead, .measured = command.measured});
    if (!input) {
        return input.error();
    }
    const auto found = std::ranges::find(input->panel.series, command.series, &forecast::Panel::Series::name);
    if (found == input->panel.series.end()) {
        return Error{Errc::not_found, "no series is named " + command.series};
    }
    const std::int64_t newest_s = (found->load.end() - 1) * input->panel.step_s;
    return forecast::explain(*ensemble, input->panel, input->covariates, command.series,
                             newest_s + static_cast<std::int64_t>(command.hours * 3600.0));
}

json::Object explanation_json(const Explanation& why) {
    json::Array parts;
    for (const Explanation::Part& part : why.parts) {
        parts.emplace_back(
            json::Object{{"member", part.member}, {"weight", part.weight}, {"change", part.change}});
    }
    json::Array columns;
    for (const Explanation::Contribution& column : why.contributions) {
        json::Object object{{"column", column.column}, {"load", column.load}};
        object.set("value", std::isnan(column.value) ? json::Value() : json::Value(column.value));
        columns.emplace_back(std::move(object));
    }
    return json::Object{{"series", why.series},
                        {"origin", time_text(why.origin_s)},
                        {"time", time_text(why.target_s)},
                        {"model_lead_s", why.lead_s},
                        {"median", why.median},
                        {"base", why.base},
                        {"usual_change", why.usual},
                        {"correction", why.correction},
                        {"rounding", why.rounding},
                        {"members", std::move(parts)},
                        {"columns", std::move(columns)}};
}

void print_explanation(const Explanation& why, std::size_t most) {
    const auto line = [](double load, const std::string& what) {
        std::cout << fmt::format("  {:>+12.5g}  {}\n", load, what);
    };
    std::cout << fmt::format("{} at {}, told at {}: {:.6g}\n", why.series, time_text(why.target_s),
                             time_text(why.origin_s), why.median);
    line(why.base, "base: the load that the forecast is a change from");
    line(why.usual, "what the models foretell when nothing is out of the ordinary");
    double rest = why.rounding;
    for (std::size_t i = 0; i < why.contributions.size(); ++i) {
        const Explanation::Contribution& column = why.contributions[i];
        if (i >= most) {
            rest += column.load;
        } else if (std::isnan(column.value)) {
            line(column.load, column.column + " is not known");
        } else {
            line(column.load, fmt::format("{} = {:.4g}", column.column, column.value));
        }
    }
    line(rest, "all other columns");
    line(why.correction, "median of past errors");
    std::cout << fmt::format("  blend, model of {} min:", why.lead_s / 60);
    for (const Explanation::Part& part : why.parts) {
        std::cout << fmt::format(" {} {:.2f} ({:+.4g})", part.member, part.weight, part.change);
    }
    std::cout << "\n";
}

}  // namespace

int run_explain_forecast(const ExplainForecastCommand& command) {
    const Result<Explanation> why = explain_answer(command);
    if (!why) {
        std::cerr << "headroom explain forecast: " << why.error().message << "\n";
        return exit_code_of(why.error());
    }
    if (command.is_json) {
        std::cout << json::write(explanation_json(*why)) << "\n";
    } else {
        print_explanation(*why, command.most);
    }
    return 0;
}

}  // namespace headroom::app
