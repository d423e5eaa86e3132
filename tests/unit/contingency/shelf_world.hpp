#pragma once

#include "contingency/make_shelf.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::contingency {

/// A little network by hand: loads in kW, flat over the hours.
class ShelfWorld {
  public:
    explicit ShelfWorld(const std::string& rows) {
        Result<grid::Network> read = grid::read_grid_csv(
            "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n" + rows, "grid.csv");
        HEADROOM_ASSERT(read.has_value());
        network = std::move(*read);
    }

    /// After the last limit: what the shelf looks at.
    void build() {
        shelf = std::make_unique<ShelfNetwork>(network, grid::Season::winter);
        state.now = now;
        state.start = floor_period(now);
        state.authority = grid::AuthorityLevel::act;
        state.envelopes = {{.id = "all",
                            .power_max = Watts{1'000'000'000},
                            .cost_max = MicroPounds{1'000'000'000'000},
                            .from = now - hours{1},
                            .until = now + hours{24},
                            .granted_by = "test"}};
        state.elements.assign(shelf->elements().size(), {});
        has_own.assign(shelf->elements().size(), false);
    }

    [[nodiscard]] std::size_t at(const std::string& id) const {
        const std::size_t found = shelf->find(id);
        HEADROOM_ASSERT(found != ShelfNetwork::none);
        return found;
    }

    /// Of three phases, or of the sum alone.
    void load(const std::string& id, std::vector<double> kw) {
        ElementLoad& load = state.elements[at(id)].load;
        load.is_known = true;
        load.has_phases = kw.size() == 3;
        has_own[at(id)] = true;
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            std::int64_t sum = 0;
            for (std::size_t phase = 0; phase < kw.size(); ++phase) {
                const auto watts = static_cast<std::int64_t>(kw[phase] * 1000.0);
                if (load.has_phases) {
                    load.median[phase][t] = load.high[phase][t] = watts;
                }
                sum += watts;
            }
            load.median[phase_sum][t] = load.high[phase_sum][t] = sum;
        }
    }

    void der(const std::string& feeder, const std::string& id, std::size_t phase, double kw,
             std::int64_t notice_minutes = 0) {
        state.elements[at(feeder)].flex.push_back({id, phase, Watts{static_cast<std::int64_t>(kw * 1000.0)},
                                                   notice_minutes, grid::DerClass::battery});
    }

    void set(const std::string& id, grid::OperationalState to) {
        state.elements[at(id)].state = {.state = to, .since = now, .source = "test", .person = "op"};
    }

    ShelfPlan plan(const std::string& id) {
        add_up_loads(*shelf, state, has_own);
        return plan_loss(*shelf, state, relief_totals(*shelf, state), at(id));
    }
    std::vector<ShelfPlan> plans() {
        add_up_loads(*shelf, state, has_own);
        return make_shelf(*shelf, state);
    }

    UtcTime now = parse_utc("2027-01-14T17:00:00Z").value();
    grid::Network network;
    std::unique_ptr<ShelfNetwork> shelf;
    ShelfState state;
    std::vector<bool> has_own;
};

}  // namespace headroom::contingency
