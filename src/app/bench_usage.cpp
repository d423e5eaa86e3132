#include "app/bench_usage.hpp"

#include "core/result.hpp"

#include <ctime>

namespace headroom::app {
namespace {

double microseconds_of(clockid_t clock) {
    timespec time{};
    const int status = clock_gettime(clock, &time);
    HEADROOM_ASSERT(status == 0);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

}  // namespace

Usage usage_now() {
    return {.process_us = microseconds_of(CLOCK_PROCESS_CPUTIME_ID),
            .thread_us = microseconds_of(CLOCK_THREAD_CPUTIME_ID)};
}

double process_cpu_us(pid_t pid) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        return 0.0;
    }
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

}  // namespace headroom::app
