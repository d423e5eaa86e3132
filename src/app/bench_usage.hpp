#pragma once

#include <sys/types.h>

namespace headroom::app {

/// Processor time so far, in microseconds. Unlike wall time it hardly depends on who else uses the machine.
struct Usage {
    double process_us = 0.0;  ///< all threads of this process, user and system
    double thread_us = 0.0;   ///< the calling thread
};
[[nodiscard]] Usage usage_now();
/// The same of another process, all threads; 0 when it is not there.
[[nodiscard]] double process_cpu_us(pid_t pid);

}  // namespace headroom::app
