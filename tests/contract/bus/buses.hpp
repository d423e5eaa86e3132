#pragma once

#include "bus/bus.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace headroom::bus {

/// An implementation under test.
struct BusUnderTest {
    std::string name;
    std::function<std::unique_ptr<Bus>(asio::any_io_executor, InProcessBusOptions)> make;

    friend std::ostream& operator<<(std::ostream& out, const BusUnderTest& bus) { return out << bus.name; }
};

inline auto buses() {
    return ::testing::Values(BusUnderTest{"in_process", make_in_process_bus});
}
inline const auto bus_name = [](const auto& info) { return info.param.name; };

}  // namespace headroom::bus
