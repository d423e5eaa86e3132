#include "app/demo_pace.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

namespace headroom::app {
namespace {

/// A story begins when somebody looks, so that its beginning is not missed; at the latest after this.
constexpr auto wait_for_visitor = std::chrono::seconds{60};
/// While a person has to decide, domain time is wall time.
constexpr double speed_while_deciding = 1.0;
constexpr auto pace_slice = std::chrono::milliseconds{100};

/// Plans that expire unless somebody approves them; not what is put off, or is looked for no offer.
std::vector<std::string> plans_that_wait(ControlRoom& room) {
    std::vector<std::string> out;
    const agents::FlexOrchestration& orchestration = room.orchestration();
    orchestration.visit([&](const agents::EventRecord& record) {
        if (orchestration.waits_for_approval(record.id())) {
            out.push_back(record.id().value + "/" + record.plan_sha256);
        }
    });
    return out;
}

}  // namespace

bool DecisionPatience::holds(const std::vector<std::string>& waiting, SteadyTime now) {
    std::map<std::string, SteadyTime> still;
    bool is_held = false;
    for (const std::string& plan : waiting) {
        const auto known = since_.find(plan);
        const SteadyTime since = known == since_.end() ? now : known->second;
        still.emplace(plan, since);
        is_held = is_held || now - since < patience;
    }
    since_ = std::move(still);
    return is_held;
}

void DemoPace::wait_for_visitor_of(const sim::Story& story) {
    const std::uint64_t before = room_.requests();
    const SteadyTime latest = steady_now() + wait_for_visitor;
    std::cout << story.title << " begins as soon as the page is opened, or in a minute" << std::endl;
    while (!is_asked_to_stop_ && room_.requests() == before && steady_now() < latest) {
        grid_.time().run_for(pace_slice, [&] { return is_asked_to_stop_ || room_.requests() != before; });
    }
}

Result<void> DemoPace::run() {
    while (!is_asked_to_stop_) {
        const SteadyTime begun = steady_now();
        room_.monitoring().set_raising(grid_.now() < grid_.end());
        if (grid_.now() >= grid_.end() && room_.orchestration().open_events() == 0) {
            tell_that_it_is_over();
            grid_.time().run_for(pace_slice, [&] { return is_asked_to_stop_; });
            continue;
        }
        const Result<void> stepped = grid_.step(room_);
        if (!stepped) {
            return stepped;
        }
        rest_until_next(begun);
    }
    return {};
}

bool DemoPace::expires_soon() const {
    const std::chrono::duration<double> expires = room_.orchestration().options().approval_expires;
    return expires / speed_ < DecisionPatience::patience;
}

void DemoPace::rest_until_next(SteadyTime begun) {
    const std::chrono::duration<double> length(grid_.world().options().step);
    while (!is_asked_to_stop_) {
        const bool is_held = expires_soon() && patience_.holds(plans_that_wait(room_), steady_now());
        const double speed = is_held ? std::min(speed_, speed_while_deciding) : speed_;
        room_.desk().mode().speed = speed;
        const auto pace = std::chrono::duration_cast<std::chrono::steady_clock::duration>(length / speed);
        const auto left = pace - (steady_now() - begun);
        if (left <= std::chrono::steady_clock::duration::zero()) {
            return;
        }
        grid_.time().run_for(std::min<std::chrono::steady_clock::duration>(left, pace_slice),
                             [&] { return is_asked_to_stop_; });
    }
}

void DemoPace::tell_that_it_is_over() {
    if (!std::exchange(is_told_, true)) {
        std::cout << "the simulated evening in this data directory is over (" << format_utc(grid_.now())
                  << "); for a new one remove it or give another --data-dir" << std::endl;
    }
}

}  // namespace headroom::app
