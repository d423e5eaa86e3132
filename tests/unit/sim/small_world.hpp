#pragma once

#include "sim/world.hpp"

namespace headroom::sim::test {

/// 40 feeders and 80 devices, all of which answer.
inline WorldOptions small_world() {
    WorldOptions options;
    options.feeders = 40;
    options.ders = 80;
    options.silent_ppm = 0;
    return options;
}

}  // namespace headroom::sim::test
