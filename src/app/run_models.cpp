#include "app/run_models.hpp"

#include "app/complaint.hpp"
#include "app/desk_server.hpp"
#include "app/fan_plot.hpp"
#include "core/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

namespace headroom::app {
namespace {

/// The server's answer to one request; a refusal is an error with its sentence.
Result<json::Value> ask_models(const StatusCommand& command, const std::string& method,
                               const std::string& path, const std::optional<json::Object>& body) {
    const Result<DeskServer> server = DeskServer::find(command);
    if (!server) {
        return server.error();
    }
    Result<DeskReply> reply = server->ask(method, path, body);
    if (!reply) {
        return reply.error();
    }
    if (!reply->is_done()) {
        return Error{Errc::conflict, reply->refusal()};
    }
    return std::move(reply->body);
}

std::string date_text(const std::string& time) {
    return time.substr(0, std::min<std::size_t>(10, time.size()));
}

void print_model(const json::Value& model) {
    const bool is_serving = model.get("serving") != nullptr && *model.get("serving") == json::Value(true);
    std::cout << fmt::format("{} {}  made {}  from {}  data {} to {}, {} series\n", is_serving ? "*" : " ",
                             model.text("/model_id"), date_text(model.text("/made_at")),
                             model.text("/origin"), date_text(model.text("/data_from")),
                             date_text(model.text("/data_to")), model.integer("/series"));
    if (const json::Value* trial = model.get("trial"); trial != nullptr && !trial->is_null()) {
        std::cout << fmt::format(
            "    won with a pinball loss of {:.4f} spreads against {:.4f} of {}, P90 above {:.1f} % of "
            "loads, "
            "{} forecasts\n",
            trial->number("/pinball"), trial->number("/champion_pinball"),
            model.text("/beaten").empty() ? "the ridge" : model.text("/beaten"),
            100.0 * trial->number("/p90_share"), trial->integer("/forecasts"));
    }
}

void print_models(const json::Value& answer) {
    std::cout << (answer.text("/serving").empty()
                      ? std::string("no learnt model serves; simpler methods do\n")
                      : "serving  " + answer.text("/serving") + "\n");
    std::cout << "learning " << answer.text("/state");
    if (answer.text("/state") == "training") {
        std::cout << fmt::format(", {:.0f} % done, {}", 100.0 * answer.number("/done"), answer.text("/step"));
    }
    std::cout << "\n";
    if (!answer.text("/outcome").empty()) {
        std::cout << "last     " << answer.text("/outcome") << " (" << answer.text("/tried_at") << ")\n";
    }
    for (const json::Value& model : *answer.get("models")->as_array()) {
        print_model(model);
    }
}

}  // namespace

int run_models(const ModelsCommand& command) {
    const bool is_write = command.what == "promote" || command.what == "revert";
    const json::Object body{{"reason", command.reason}};
    const std::string path = command.what == "list"      ? "/api/v1/models"
                             : command.what == "show"    ? "/api/v1/models/" + command.id
                             : command.what == "promote" ? "/api/v1/models/" + command.id + "/promote"
                                                         : "/api/v1/models/revert";
    const Result<json::Value> answer = ask_models(command.server, is_write ? "POST" : "GET", path,
                                                  is_write ? std::optional(body) : std::nullopt);
    if (!answer) {
        std::cerr << "headroom models: " << answer.error().message << "\n";
        return answer.error().code == Errc::conflict ? 1 : exit_no_answer;
    }
    if (command.server.is_json) {
        std::cout << json::write(*answer) << "\n";
    } else if (command.what == "list") {
        print_models(*answer);
    } else {
        print_model(*answer);
    }
    return 0;
}

int run_live_forecast(const LiveForecastCommand& command) {
    const auto half_hours = static_cast<std::int64_t>(std::ceil(command.hours * 2.0));
    const Result<json::Value> answer =
        ask_models(command.server, "GET",
                   fmt::format("/api/v1/feeders/{}/forecast?phase={}&half_hours={}", command.feeder,
                               command.phase, half_hours),
                   std::nullopt);
    if (!answer) {
        std::cerr << "headroom forecast: " << answer.error().message << "\n";
        return answer.error().code == Errc::conflict ? 1 : exit_no_answer;
    }
    if (command.server.is_json) {
        std::cout << json::write(*answer) << "\n";
        return 0;
    }
    forecast::EnsembleForecast fan{
        .series = answer->text("/point_id"), .origin_s = 0, .reason = answer->text("/reason"), .steps = {}};
    const Result<UtcTime> start = parse_utc(answer->text("/start"));
    std::int64_t at_s = start ? start->time_since_epoch() / seconds{1} : 0;
    fan.origin_s = at_s;
    for (const json::Value& row : *answer->get("load_kw")->as_array()) {
        forecast::EnsembleForecast::Step& step = fan.steps.emplace_back();
        step.target_s = at_s;
        at_s += answer->integer("/step_s", 1800);
        for (std::size_t q = 0; q < step.load.size() && q < row.as_array()->size(); ++q) {
            step.load[q] = (*row.as_array())[q].as_double().value_or(0.0);
        }
    }
    if (command.is_plot) {
        std::cout << fan_plot(fan);
    } else {
        std::cout << "timestamp,q0.05,q0.1,q0.25,q0.5,q0.75,q0.9,q0.95\n";
        for (const forecast::EnsembleForecast::Step& step : fan.steps) {
            std::cout << format_utc(UtcTime{seconds{step.target_s}}).substr(0, 19) << "Z";
            for (const double kw : step.load) {
                std::cout << fmt::format(",{:.3f}", kw);
            }
            std::cout << "\n";
        }
    }
    std::cerr << fmt::format("{}: by {}{}{}\n", fan.series, answer->text("/method"),
                             answer->text("/model").empty() ? "" : ", model " + answer->text("/model"),
                             fan.reason.empty() ? "" : "; " + fan.reason);
    return 0;
}

}  // namespace headroom::app
