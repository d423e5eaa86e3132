#include "feeds/open_meteo.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headroom::feeds::open_meteo {
namespace {

constexpr std::size_t steps_max = 24 * 400;

/// One of the parallel lists below `hourly`.
class Column {
  public:
    Column(const json::Value& hourly, const char* name, FaultBook& faults) : name_(name), faults_(&faults) {
        const json::Value* list = hourly.get(name);
        items_ = list != nullptr ? list->as_array() : nullptr;
    }
    std::optional<double> at(std::size_t i, double min, double max, double factor = 1.0) const {
        if (items_ == nullptr || i >= items_->size() || (*items_)[i].is_null()) {
            return std::nullopt;
        }
        const std::optional<double> value = (*items_)[i].as_double();
        if (!value || !(*value >= min && *value <= max)) {
            faults_->add(fmt::format("/hourly/{}/{}", name_, i),
                         value
                             ? fmt::format("{} is not believed: it should lie in {} to {}", *value, min, max)
                             : std::string("is no number"));
            return std::nullopt;
        }
        return *value * factor;
    }

  private:
    const char* name_;
    FaultBook* faults_;
    const json::Array* items_ = nullptr;
};

}  // namespace

FeedRequest hourly(double lat, double lon, Date first, Date last) {
    return {"/v1/forecast",
            {{"latitude", fmt::format("{:.4f}", lat)},
             {"longitude", fmt::format("{:.4f}", lon)},
             {"hourly",
              "temperature_2m,apparent_temperature,wind_speed_10m,cloud_cover,shortwave_radiation,"
              "precipitation,snowfall"},
             {"wind_speed_unit", "ms"},
             {"timezone", "GMT"},
             {"start_date", format_date(first)},
             {"end_date", format_date(last)}}};
}

Result<FeedValues<WeatherStep>> decode_hourly(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    if (!answer) {
        return answer.error();
    }
    // Several places give a list of answers; one was asked for.
    const json::Value* one = answer->as_array() != nullptr && answer->as_array()->size() == 1
                                 ? &answer->as_array()->front()
                                 : &*answer;
    if (one->integer("/utc_offset_seconds") != 0) {
        return Error{Errc::invalid, "the times of the answer are not UTC", "/utc_offset_seconds"};
    }
    const json::Value* hourly = one->get("hourly");
    const json::Value* times = hourly != nullptr ? hourly->get("time") : nullptr;
    if (times == nullptr || times->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no hours", "/hourly/time"};
    }
    FaultBook faults;
    const Column temperature(*hourly, "temperature_2m", faults);
    const Column apparent(*hourly, "apparent_temperature", faults);
    const Column wind(*hourly, "wind_speed_10m", faults);
    const Column cloud(*hourly, "cloud_cover", faults);
    const Column radiation(*hourly, "shortwave_radiation", faults);
    const Column rain(*hourly, "precipitation", faults);
    const Column snow(*hourly, "snowfall", faults);
    FeedValues<WeatherStep> out;
    const json::Array& list = *times->as_array();
    for (std::size_t i = 0; i < std::min(list.size(), steps_max); ++i) {
        const std::string* text = list[i].as_string();
        const Result<UtcTime> at =
            text != nullptr ? parse_utc_assumed(*text) : Result<UtcTime>(Error{Errc::invalid, "is no time"});
        if (!at) {
            faults.add(fmt::format("/hourly/time/{}", i), at.error().message);
            continue;
        }
        const auto [low, high] = believable_temperature_c(*at);
        out.values.push_back(
            {.at = *at,
             .temperature_c = temperature.at(i, low, high),
             .apparent_temperature_c = apparent.at(i, low - 20.0, high + 15.0),
             .wind_m_per_s = wind.at(i, 0.0, wind_max_m_per_s),
             .cloud_share = cloud.at(i, 0.0, 100.0, 0.01),
             .radiation_w_per_m2 = radiation.at(i, 0.0, radiation_max_w_per_m2),
             .precipitation_mm = rain.at(i, 0.0, precipitation_max_mm),
             // Centimetres of snow; seven of them are a centimetre of water, as the service says.
             .snowfall_mm = snow.at(i, 0.0, 140.0, 10.0 / 7.0)});
    }
    faults.give(out);
    return out;
}

}  // namespace headroom::feeds::open_meteo
