#include "app/run_rehearse.hpp"

#include "app/backtest_shared.hpp"
#include "app/commands.hpp"
#include "app/progress_bar.hpp"
#include "app/rehearse_input.hpp"
#include "core/public_holidays.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <string_view>

namespace headroom::app {
namespace {

constexpr double reading_share = 0.15;  // of the progress bar

RehearseFiles files_of(const RehearseCommand& command) {
    RehearseFiles files{.readings = command.readings,
                        .grid = {},
                        .ders = {},
                        .covariates = command.covariates,
                        .rating_percentile = command.rating_percentile,
                        .reference_price = MicroPoundsPerMwh{std::llround(command.price_gbp_per_mwh * 1e6)}};
    if (!command.grid.empty()) {
        files.grid = command.grid;
    }
    if (!command.ders.empty()) {
        files.ders = command.ders;
    }
    return files;
}

Result<json::Object> rehearsal_answer(const RehearseCommand& command) {
    const auto begun = std::chrono::steady_clock::now();
    rehearsal::RehearsalOptions options;
    const Result<forecast::LeadRule> lead = forecast::parse_lead_rule(command.lead);
    const Result<Region> region = parse_region(command.region);
    if (!lead || !region) {
        return lead ? region.error() : lead.error();
    }
    options.lead = *lead;
    options.region = *region;
    options.cost_ratio = command.cost_ratio;
    options.warm_up_days = command.warm_up_days;
    options.learn.seed = command.seed;
    const RehearseFiles files = files_of(command);
    options.reference_price = files.reference_price;
    ProgressBar bar("rehearse");
    Result<RehearseInput> input = read_rehearsal(
        files, [&bar](double done, std::string_view what) { bar.show(reading_share * done, what); });
    if (!input) {
        return input.error();
    }
    input->input.network = &input->network;
    const Result<rehearsal::Rehearsal> rehearsal =
        rehearsal::rehearse(std::move(input->input), options, [&bar](double done, std::string_view what) {
            bar.show(reading_share + (1.0 - reading_share) * done, what);
        });
    if (!rehearsal) {
        return rehearsal.error();
    }
    bar.show(1.0, "writing the report");
    if (!command.out.empty()) {
        if (const Result<void> written =
                write_text(command.out, rehearsal::report_html(*rehearsal, input->facts));
            !written) {
            return written.error();
        }
    }
    json::Object out = rehearsal::report_json(*rehearsal, input->facts);
    out.set("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    return out;
}

void print_rehearsal(const RehearseCommand& command, const json::Value& view) {
    std::cout << fmt::format("{} feeders, {} to {}, {} forecasts in {:.1f} s\n",
                             view.integer("/walked/feeders"), view.text("/walked/from").substr(0, 10),
                             view.text("/walked/to").substr(0, 10), view.integer("/walked/forecasts"),
                             view.number("/seconds"));
    std::cout << fmt::format(
        "  overloads   {} came: {} seen in time, {} late, {} missed ({:.2f} a feeder and winter)\n",
        view.integer("/overloads"), view.integer("/hit"), view.integer("/late"), view.integer("/missed"),
        view.number("/missed_per_feeder_winter"));
    std::cout << fmt::format(
        "  purchases   {} for GBP {:.2f}: {} early, {} needless for GBP {:.2f} ({:.2f} a feeder and "
        "winter)\n",
        view.integer("/alarms"), view.number("/cost_gbp"), view.integer("/early"), view.integer("/needless"),
        view.number("/needless_cost_gbp"), view.number("/needless_per_feeder_winter"));
    std::cout << fmt::format(
        "  energy      {:.0f} kWh over the limits, {:.0f} of it left with what was bought\n",
        view.number("/energy_over_kwh"), view.number("/energy_left_kwh"));
    std::cout << fmt::format("  limits      {}\n  offers      {}\n", view.text("/walked/limits_from"),
                             view.text("/walked/offers_from"));
    std::cout << fmt::format("fit for: {}, because\n", view.text("/fit"));
    for (const json::Value& reason : *view.get("because")->as_array()) {
        std::cout << "  - " << *reason.as_string() << "\n";
    }
    if (!command.out.empty()) {
        std::cout << "report: " << command.out.string() << "\n";
    }
}

}  // namespace

int run_rehearse(const RehearseCommand& command) {
    const Result<json::Object> done = rehearsal_answer(command);
    if (!done) {
        std::cerr << "headroom rehearse: " << done.error().message << "\n";
        return exit_code_of(done.error());
    }
    const json::Value view(*done);
    if (command.is_json) {
        std::cout << json::write(view) << "\n";
    } else {
        print_rehearsal(command, view);
    }
    return 0;
}

}  // namespace headroom::app
