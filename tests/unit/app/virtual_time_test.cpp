#include "app/virtual_time.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::app {
namespace {

const UtcTime start = *parse_utc("2027-01-14T16:00:00Z");

TEST(VirtualTime, TimersRunOneInstantAfterTheOtherWithTheirHandlersBetween) {
    asio::io_context context;
    VirtualClock clock(start);
    std::vector<std::string> seen;
    clock.at(start + minutes{1}, [&] {
        seen.push_back("first");
        asio::post(context,
                   [&] { seen.push_back("first's handler at " + format_utc(clock.now()).substr(11, 5)); });
    });
    clock.at(start + minutes{2}, [&] { seen.push_back("second"); });
    VirtualTime time(context, clock, [] { return true; });
    time.advance_to(start + minutes{3});
    EXPECT_EQ(seen, (std::vector<std::string>{"first", "first's handler at 16:01", "second"}));
    EXPECT_EQ(clock.now(), start + minutes{3});
}

TEST(VirtualTime, StandsStillWhileAThreadHasWork) {
    asio::io_context context;
    VirtualClock clock(start);
    Worker worker("test");
    std::mutex gate;
    UtcTime seen{};
    gate.lock();
    worker.post([&] {
        const std::lock_guard wait(gate);
        asio::post(context, [&] { seen = clock.now(); });
    });
    VirtualTime time(context, clock, [&] { return worker.pending() == 0; });
    asio::post(context, [&] { gate.unlock(); });
    time.advance_to(start + hours{1});
    EXPECT_EQ(seen, start) << "the worker's answer was handled before the clock moved";
}

}  // namespace
}  // namespace headroom::app
