#include "app/bench_monitor_feed.hpp"

#include "core/random.hpp"
#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t time_bytes = 20;
constexpr std::string_view between = R"(","kw":)";
constexpr std::size_t value_bytes = 6;
const UtcTime feed_begin = parse_utc("2026-11-19T00:00:00Z").value();

std::string lv_feeder_name(std::size_t i) {
    return fmt::format("LV-{:07}", i);
}

}  // namespace

MonitorFeed::MonitorFeed(std::size_t points, std::size_t rounds, std::size_t batch)
    : points_(points), rounds_(rounds), batch_(batch), now_(feed_begin) {
    std::vector<std::uint32_t> shuffled(points);
    std::iota(shuffled.begin(), shuffled.end(), 0U);
    const Random random(23);
    for (std::size_t i = points; i-- > 1;) {
        std::swap(shuffled[i],
                  shuffled[static_cast<std::size_t>(random.uniform(i, 0) * static_cast<double>(i + 1))]);
    }
    std::size_t in_body = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (const std::uint32_t feeder : shuffled) {
            text_ += in_body == 0 ? "[" : ",";
            text_ += fmt::format(R"({{"feeder":"{}","ts":")", lv_feeder_name(feeder));
            times_.push_back(text_.size());
            text_.append(time_bytes, '0').append(between).append(value_bytes, '0').append("}");
            order_.push_back(feeder);
            if (++in_body == batch || times_.size() == points * rounds) {
                text_ += "]";
                ends_.push_back(text_.size());
                in_body = 0;
            }
        }
    }
    text_.reserve(text_.size() + padding);
}

grid::Network MonitorFeed::network(std::size_t points) {
    grid::Network network;
    HEADROOM_ASSERT(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (std::size_t i = 0; i < points; ++i) {
        const std::string name = lv_feeder_name(i);
        HEADROOM_ASSERT(network.add(grid::Feeder{.id = {name}, .parent = "S-1", .name = name}));
        HEADROOM_ASSERT(network.add(
            grid::Limit{.asset = name, .value = 500.0, .source = "bench", .verified_by = "bench"}));
    }
    return network;
}

void MonitorFeed::advance() {
    for (std::size_t round = 0; round < rounds_; ++round) {
        now_ += pulse;
        round_ += 1;
        const std::string time = format_utc(now_).substr(0, time_bytes - 1) + "Z";
        for (std::size_t i = round * points_; i < (round + 1) * points_; ++i) {
            char* const place = text_.data() + times_[i];
            std::memcpy(place, time.data(), time_bytes);
            // 100.00 to 199.99 kW, never the same twice in a row.
            const std::uint64_t hash = (order_[i] * 2654435761U) ^ (round_ * 40503U);
            const auto hundredths = static_cast<unsigned>(10'000 + (hash % 5000) * 2 + round_ % 2);
            char* const value = place + time_bytes + between.size();
            value[0] = static_cast<char>('0' + hundredths / 10'000);
            value[1] = static_cast<char>('0' + hundredths / 1000 % 10);
            value[2] = static_cast<char>('0' + hundredths / 100 % 10);
            value[3] = '.';
            value[4] = static_cast<char>('0' + hundredths / 10 % 10);
            value[5] = static_cast<char>('0' + hundredths % 10);
        }
    }
}

}  // namespace headroom::app
