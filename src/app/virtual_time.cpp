#include "app/virtual_time.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace headroom::app {
namespace {

constexpr auto lost_after = std::chrono::seconds{10};
constexpr auto nap = std::chrono::milliseconds{1};

}  // namespace

VirtualTime::VirtualTime(asio::io_context& context, VirtualClock& clock, std::function<bool()> idle)
    : context_(context), clock_(clock), idle_(std::move(idle)) {}

void VirtualTime::settle() {
    SteadyTime moved = steady_now();
    for (;;) {
        // Threads hand their result over before they say they are at rest, so the order is: look, run, look
        // again.
        const bool was_idle = idle_();
        if (context_.stopped()) {
            context_.restart();
        }
        const std::size_t ran = context_.poll();
        if (ran == 0 && was_idle && idle_()) {
            return;
        }
        if (ran > 0) {
            moved = steady_now();
            continue;
        }
        if (steady_now() - moved > lost_after) {
            log::warn(
                "something in flight has not moved for ten seconds; the virtual clock goes on without it");
            return;
        }
        context_.run_one_for(nap);
    }
}

void VirtualTime::advance_to(UtcTime to) {
    settle();
    while (clock_.next_timer() <= to) {
        clock_.advance_to(std::max(clock_.now(), clock_.next_timer()));
        settle();
    }
    clock_.advance_to(std::max(clock_.now(), to));
    settle();
}

void VirtualTime::run_for(std::chrono::steady_clock::duration span, const std::function<bool()>& stop) {
    const SteadyTime until = steady_now() + span;
    while (steady_now() < until && !stop()) {
        if (context_.stopped()) {
            context_.restart();
        }
        const auto left = until - steady_now();
        context_.run_one_for(
            std::min<std::chrono::steady_clock::duration>(left, std::chrono::milliseconds{50}));
    }
}

}  // namespace headroom::app
