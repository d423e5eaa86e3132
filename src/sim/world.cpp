#include "sim/world.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::sim {
World::World(const WorldOptions& options) : World(std::make_shared<const WorldPlan>(options)) {}

World::World(std::shared_ptr<const WorldPlan> plan)
    : plan_(std::move(plan)),
      minute_(to_minute(plan_->options().start)),
      states_(plan_->devices().size()),
      device_kw_(plan_->devices().size(), 0.0) {
    devices_by_feeder_.resize(plan_->feeders().size());
    for (const FeederModel& feeder : plan_->feeders()) {
        for (const grid::Phase phase : grid::live_phases) {
            points_.push_back({feeder.id, grid::Quantity::p_kw, phase});
        }
    }
    for (std::size_t d = 0; d < plan_->devices().size(); ++d) {
        const DeviceSpec& spec = plan_->devices()[d];
        points_.push_back({spec.id, grid::Quantity::p_kw, grid::Phase::sum});
        device_index_.emplace(spec.id, d);
        devices_by_feeder_[spec.feeder].push_back(d);
    }
    for (const HvFeederModel& hv : plan_->hv_feeders()) {
        points_.push_back({hv.id, grid::Quantity::p_kw, grid::Phase::sum});
    }
    sums_kw_.assign(points_.size(), 0.0);
    lv_kw_.assign(plan_->feeders().size(), 0.0);
}

std::vector<SimReading> World::step(UtcTime to) {
    std::vector<SimReading> readings;
    const std::int64_t interval = options().step.count();
    const Minute end = to_minute(to);
    if (end > minute_) {
        readings.reserve(points_.size() * static_cast<std::size_t>((end - minute_) / interval + 1));
    }
    while (minute_ < end) {
        live_minute();
        if (minute_ % interval == 0) {
            emit(readings);
        }
    }
    return readings;
}

void World::live_minute() {
    const WorldPlan& plan = *plan_;
    const Moment moment = plan.moment(minute_);
    double devices_kw = 0.0;
    for (std::size_t d = 0; d < states_.size(); ++d) {
        const DeviceSpec& spec = plan.devices()[d];
        const double natural = natural_kw(spec, plan.random(), moment);
        device_kw_[d] = advance(spec, states_[d], plan.random(), moment, natural);
        devices_kw += device_kw_[d];
    }
    double customers_kw = 0.0;
    double feeders_kw = 0.0;
    std::size_t point = 0;
    std::size_t number = 0;
    for (const FeederModel& feeder : plan.feeders()) {
        double& feeder_kw = lv_kw_[number++];
        feeder_kw = 0.0;
        for (const PhaseModel& phase : feeder.phases) {
            const double customers = plan.customers_kw(phase, moment);
            double load = customers;
            for (const auto& [device, share] : phase.devices) {
                load += device_kw_[device] * share;
            }
            customers_kw += customers;
            feeder_kw += load;
            feeders_kw += load;
            sums_kw_[point++] += load;
        }
    }
    for (const double kw : device_kw_) {
        sums_kw_[point++] += kw;
    }
    for (const HvFeederModel& hv : plan.hv_feeders()) {
        double below_kw = 0.0;
        for (const std::size_t feeder : hv.feeders) {
            below_kw += lv_kw_[feeder];
        }
        sums_kw_[point++] += hv.load_kw(below_kw);
    }
    // What leaves the feeders is what customers and DERs take: nothing is lost, nothing is counted twice.
    HEADROOM_ASSERT(std::abs(feeders_kw - customers_kw - devices_kw) <= 1e-9 * std::max(1.0, feeders_kw));
    minute_ += 1;
    minutes_summed_ += 1;
}

void World::emit(std::vector<SimReading>& readings) {
    const UtcTime end = to_time(minute_);
    const UtcTime start = end - minutes{minutes_summed_};
    const auto count = static_cast<double>(minutes_summed_);
    std::uint32_t point = 0;
    for (const FeederModel& feeder : plan_->feeders()) {
        for (const grid::Phase phase : grid::live_phases) {
            readings.push_back({.point_id = feeder.id,
                                .phase = phase,
                                .kw = sums_kw_[point] / count,
                                .start = start,
                                .end = end,
                                .kind = SimReading::Kind::feeder,
                                .point = point});
            ++point;
        }
    }
    for (const DeviceSpec& spec : plan_->devices()) {
        readings.push_back({.point_id = spec.id,
                            .phase = grid::Phase::sum,
                            .kw = sums_kw_[point] / count,
                            .start = start,
                            .end = end,
                            .kind = SimReading::Kind::der,
                            .point = point});
        ++point;
    }
    for (const HvFeederModel& hv : plan_->hv_feeders()) {
        readings.push_back({.point_id = hv.id,
                            .phase = grid::Phase::sum,
                            .kw = sums_kw_[point] / count,
                            .start = start,
                            .end = end,
                            .kind = SimReading::Kind::feeder,
                            .point = point});
        ++point;
    }
    std::fill(sums_kw_.begin(), sums_kw_.end(), 0.0);
    minutes_summed_ = 0;
}

double World::natural_device_kw(std::size_t device, UtcTime minute) const {
    return natural_kw(plan_->devices()[device], plan_->random(), plan_->moment(to_minute(minute)));
}

double World::natural_feeder_kw(std::size_t feeder, std::size_t phase, UtcTime minute) const {
    const Moment moment = plan_->moment(to_minute(minute));
    const PhaseModel& model = plan_->feeders()[feeder].phases[phase];
    double load = plan_->customers_kw(model, moment);
    for (const auto& [device, share] : model.devices) {
        load += natural_kw(plan_->devices()[device], plan_->random(), moment) * share;
    }
    return load;
}

std::optional<std::size_t> World::device_index(std::string_view der) const {
    const auto found = device_index_.find(std::string(der));
    return found == device_index_.end() ? std::nullopt : std::optional(found->second);
}

Result<void> World::apply(std::string_view der, DeviceOrder order) {
    const std::optional<std::size_t> index = device_index(der);
    if (!index) {
        return Error{Errc::not_found, "no DER " + std::string(der) + " in the simulated world"};
    }
    if (order.until <= order.start) {
        return Error{Errc::invalid,
                     "order " + order.id + " of " + std::string(der) + " ends before it begins"};
    }
    DeviceState& state = states_[*index];
    const bool is_known = std::any_of(state.orders.begin(), state.orders.end(),
                                      [&order](const DeviceOrder& each) { return each.id == order.id; });
    if (is_known) {
        return {};
    }
    if (state.orders.size() >= device_orders_max) {
        return Error{Errc::invalid,
                     std::string(der) + " holds " + std::to_string(device_orders_max) + " orders already"};
    }
    if (order.kind == dispatch::InstructionKind::release) {
        // It ends what came before for good, so it is remembered as long as that.
        for (const DeviceOrder& each : state.orders) {
            order.until = std::max(order.until, each.until);
        }
    }
    state.is_touched = true;
    state.orders.push_back(std::move(order));
    return {};
}

std::optional<std::int64_t> World::charge_pct(std::size_t index) const {
    const DeviceSpec& spec = device(index);
    if (spec.der_class != grid::DerClass::battery) {
        return std::nullopt;
    }
    const double stored = natural_stored_kwh(spec, plan_->moment(minute_)) - states_[index].owed_kwh;
    return std::clamp<std::int64_t>(std::llround(100.0 * stored / spec.energy_kwh), 0, 100);
}

}  // namespace headroom::sim
