#include "agents/series_recorder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t tag_bytes_max = 256;

class Maker {
  public:
    Maker(std::string name, const audit::Entry& entry, UtcTime at)
        : body_(entry.body), made_{.name = std::move(name), .tags = {}, .fields = {}, .at = at} {
        field("seq", static_cast<std::int64_t>(entry.seq));
        text_field("event", entry.corr);
    }
    /// Left out when the entry does not say it.
    Maker& tag(std::string name, std::string_view pointer) {
        const json::Value* value = at(pointer);
        return tag_of(std::move(name), value != nullptr ? value->text("") : "");
    }
    Maker& tag_of(std::string name, std::string value) {
        if (!value.empty() && value.size() <= tag_bytes_max && value.back() != '\\') {
            made_.tags.emplace_back(std::move(name), std::move(value));
        }
        return *this;
    }
    Maker& whole(std::string name, std::string_view pointer) {
        if (const json::Value* value = at(pointer); value != nullptr && value->as_int()) {
            field(std::move(name), *value->as_int());
        }
        return *this;
    }
    Maker& text(std::string name, std::string_view pointer) {
        const json::Value* value = at(pointer);
        return text_field(std::move(name), value != nullptr ? value->text("") : "");
    }
    [[nodiscard]] store::Measurement done() { return std::move(made_); }

  private:
    [[nodiscard]] const json::Value* at(std::string_view pointer) const {
        pointer.remove_prefix(1);
        const std::string_view member = pointer.substr(0, pointer.find('/'));
        const json::Value* value = body_.find(member);
        return value != nullptr ? value->at(pointer.substr(member.size())) : nullptr;
    }
    Maker& text_field(std::string name, std::string value) {
        if (!value.empty()) {
            field(std::move(name), std::move(value));
        }
        return *this;
    }
    void field(std::string name, store::Measurement::Value value) {
        made_.fields.emplace_back(std::move(name), std::move(value));
    }

    const json::Object& body_;  // an entry's, which may be large: not copied
    store::Measurement made_;
};

/// "ack" of "dispatch.order.ack".
std::string last_word(std::string_view type) {
    return std::string(type.substr(type.rfind('.') + 1));
}

/// The quantile at `place` of the half-hour `period`, or nothing.
std::optional<float> predicted_kw(const forecast::LoadForecast& forecast, UtcTime period, std::size_t place) {
    const std::int64_t at = (period - forecast.start) / period_length;
    if (period < forecast.start || at >= static_cast<std::int64_t>(forecast.load_w.size())) {
        return std::nullopt;
    }
    return static_cast<float>(forecast.load_w[static_cast<std::size_t>(at)][place]) / 1000.0F;
}

/// Where 0.1, 0.5 and 0.9 stand among the quantiles.
std::size_t place_of(double quantile) {
    const auto found =
        std::min_element(forecast::quantiles.begin(), forecast::quantiles.end(),
                         [&](double a, double b) { return std::abs(a - quantile) < std::abs(b - quantile); });
    return static_cast<std::size_t>(found - forecast::quantiles.begin());
}

}  // namespace

std::optional<store::Measurement> measurement_of(const audit::Entry& entry, UtcTime at) {
    if (entry.type == "constraint.raised") {
        return Maker("overloads", entry, at)
            .tag("feeder", "/overload/feeder")
            .tag("phase", "/overload/limit/phase")
            .tag("quantity", "/overload/limit/quantity")
            .tag("cause", "/overload/cause")
            .whole("peak_over_w", "/overload/peak_over_w")
            .whole("peak_load_w", "/overload/peak_load_w")
            .whole("energy_over_wh", "/overload/energy_over_wh")
            .whole("probability_ppm", "/overload/probability_ppm")
            .done();
    }
    if (entry.type.starts_with("dispatch.order.")) {
        return Maker("actions", entry, at)
            .tag("feeder", "/feeder")
            .tag("der", "/der")
            .tag("kind", "/kind")
            .tag_of("result", last_word(entry.type))
            .text("instruction", "/order")
            .whole("setpoint_w", "/setpoint_w")
            .whole("change_w", "/change_w")
            .done();
    }
    if (entry.type == "order.contracted") {
        return Maker("trades", entry, at)
            .tag("provider", "/provider")
            .tag_of("result", entry.outcome)
            .tag_of("kind", "contract")
            .text("order_id", "/order_id")
            .whole("quoted_micro_pounds", "/contract_after/quoted_micro_pounds")
            .done();
    }
    if (entry.type == "settlement.record") {
        return Maker("trades", entry, at)
            .tag_of("result", entry.outcome)
            .tag_of("kind", "statement")
            .text("statement", "/statement/id")
            .whole("total_pence", "/statement/total_pence")
            .done();
    }
    return std::nullopt;
}

std::vector<store::SeriesBlock> PredictionRecorder::collect(UtcTime now) {
    const UtcTime period = floor_period(now) + period_length;
    if (period != period_) {
        period_ = period;
        next_ = 0;
    }
    static const std::array<std::pair<std::string, std::size_t>, 3> kept{
        {{"/p10", place_of(0.1)}, {"/p50", place_of(0.5)}, {"/p90", place_of(0.9)}}};
    std::vector<store::SeriesBlock> blocks;
    const auto size = static_cast<telemetry::PointRef>(registry_.size());
    const telemetry::PointRef end = std::min<telemetry::PointRef>(size, next_ + points_at_once);
    for (; next_ < end; ++next_) {
        const std::optional<forecast::LoadForecast> forecast = monitor_.forecast(next_);
        if (!forecast) {
            continue;
        }
        for (const auto& [suffix, place] : kept) {
            if (const std::optional<float> kw = predicted_kw(*forecast, period_, place)) {
                blocks.push_back({registry_.key(next_).text() + suffix, period_, period_length, {*kw}});
            }
        }
    }
    return blocks;
}

}  // namespace headroom::agents
