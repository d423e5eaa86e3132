#include "flex/schedule_request.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr double need_kw_max = 1e7;

bool is_direction(const std::string& word) {
    return word == "turn_down" || word == "turn_up";
}

void check_need(const PlanNeed& need, std::vector<Fault>& faults) {
    if (!is_direction(need.direction)) {
        faults.push_back({"/need/direction", "must be turn_down or turn_up"});
    }
    if (!need.headroom_kw.empty() && need.headroom_kw.size() != need.required_kw.size()) {
        faults.push_back({"/need/headroom_kw", "must have as many slots as required_kw"});
    }
    const auto check_list = [&faults](const std::vector<double>& values, const std::string& pointer) {
        for (std::size_t t = 0; t < values.size(); ++t) {
            if (!(values[t] >= 0.0 && values[t] <= need_kw_max)) {
                faults.push_back({pointer + "/" + std::to_string(t), "must be from 0 to 10000000"});
            }
        }
    };
    check_list(need.required_kw, "/need/required_kw");
    check_list(need.headroom_kw, "/need/headroom_kw");
}

void check_physics(const PlanDer& der, const std::string& pointer, std::vector<Fault>& faults) {
    const auto fault = [&](const std::string& at, const std::string& detail) {
        faults.push_back({pointer + at, detail});
    };
    if (der.max_duration_minutes && der.min_duration_minutes > *der.max_duration_minutes) {
        fault("/min_duration_minutes", "must be at most max_duration_minutes");
    }
    if (der.battery && der.battery->soc_kwh > der.battery->capacity_kwh) {
        fault("/battery/soc_kwh", "must be at most capacity_kwh");
    }
    if (der.battery && der.battery->reserve_kwh > der.battery->capacity_kwh) {
        fault("/battery/reserve_kwh", "must be at most capacity_kwh");
    }
    if (der.ev && der.ev->phases != 1 && der.ev->phases != 3) {
        fault("/ev/phases", "must be 1 or 3");
    }
    if (der.ev && der.ev->charger_kw && *der.ev->charger_kw < der.ev->charging_kw) {
        fault("/ev/charger_kw", "must be at least charging_kw");
    }
    if (der.heat_pump && der.heat_pump->mode != "off" && der.heat_pump->mode != "offset") {
        fault("/heat_pump/mode", "must be off or offset");
    }
    if (der.heat_pump && der.heat_pump->ceiling_c && *der.heat_pump->ceiling_c < der.heat_pump->floor_c) {
        fault("/heat_pump/ceiling_c", "must be at least floor_c");
    }
    const int kinds =
        (der.battery ? 1 : 0) + (der.ev ? 1 : 0) + (der.heat_pump ? 1 : 0) + (der.generator ? 1 : 0);
    if (kinds > 1) {
        fault("", "is one of battery, ev, heat_pump and generator");
    }
    for (std::size_t i = 0; i < der.commitments.size(); ++i) {
        const std::string at = "/commitments/" + std::to_string(i);
        if (!is_direction(der.commitments[i].direction)) {
            fault(at + "/direction", "must be turn_down or turn_up");
        }
        if (der.commitments[i].to <= der.commitments[i].from) {
            fault(at + "/to", "must be after from");
        }
    }
}

void check_der(const PlanDer& der, const std::string& pointer, std::vector<Fault>& faults) {
    if (der.min_kw > der.max_kw) {
        faults.push_back({pointer + "/min_kw", "must be at most max_kw"});
    }
    if (!der.direction.empty() && !is_direction(der.direction)) {
        faults.push_back({pointer + "/direction", "must be turn_down or turn_up"});
    }
    check_physics(der, pointer, faults);
    for (std::size_t i = 0; der.available && i < der.available->size(); ++i) {
        if ((*der.available)[i].to <= (*der.available)[i].from) {
            faults.push_back({pointer + "/available/" + std::to_string(i) + "/to", "must be after from"});
        }
    }
}

void check_limit(const PlanRequest& request, std::vector<Fault>& faults) {
    if (!request.product.empty() && request.product != "armed" && request.product != "spot") {
        faults.push_back({"/product", "must be armed or spot"});
    }
    if (!request.limit) {
        return;
    }
    const PlanLimit& limit = *request.limit;
    if (!limit.load_kw.empty() && limit.load_kw.size() != request.need.required_kw.size()) {
        faults.push_back({"/limit/load_kw", "must have as many slots as need.required_kw"});
    }
    for (std::size_t t = 0; t < limit.load_kw.size(); ++t) {
        if (!(limit.load_kw[t] >= -1e9 && limit.load_kw[t] <= 1e9)) {
            faults.push_back(
                {"/limit/load_kw/" + std::to_string(t), "must be from -1000000000 to 1000000000"});
        }
    }
    if (limit.cyclic_kw && *limit.cyclic_kw < limit.limit_kw) {
        faults.push_back({"/limit/cyclic_kw", "must be at least limit_kw"});
    }
    if (limit.emergency_kw && *limit.emergency_kw < limit.cyclic_kw.value_or(limit.limit_kw)) {
        faults.push_back({"/limit/emergency_kw", "must be at least the cyclic rating"});
    }
    if (limit.transformer && limit.transformer->cooling != "onan" && limit.transformer->cooling != "onaf" &&
        limit.transformer->cooling != "ofaf") {
        faults.push_back({"/limit/transformer/cooling", "must be onan, onaf or ofaf"});
    }
}

}  // namespace

UtcTime slot_start(const PlanRequest& request, std::size_t slot) {
    return request.need.start + minutes{request.need.step_minutes} * static_cast<std::int64_t>(slot);
}

void check_plan_request(const PlanRequest& request, std::vector<Fault>& faults) {
    if (!request.dry_run) {
        faults.push_back({"/dry_run", "must be true: a plan that is handed in buys nothing"});
    }
    check_need(request.need, faults);
    check_limit(request, faults);
    for (std::size_t i = 0; i < request.ders.size() && faults.size() < faults_max; ++i) {
        check_der(request.ders[i], "/ders/" + std::to_string(i), faults);
    }
}

std::optional<PlanRequest> read_plan_request(const json::Value& value, std::vector<Fault>& faults) {
    std::optional<PlanRequest> request = read_json<PlanRequest>(value, faults);
    if (request) {
        check_plan_request(*request, faults);
    }
    return faults.empty() ? std::move(request) : std::nullopt;
}

}  // namespace headroom::flex
