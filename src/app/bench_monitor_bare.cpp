#include "app/bench_monitor_bare.hpp"

#include "core/result.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

/// The numeral in "LV-0012345".
std::uint32_t number_of(std::string_view name) {
    std::uint32_t number = 0;
    std::from_chars(name.data() + std::min<std::size_t>(3, name.size()), name.data() + name.size(), number);
    return number;
}

/// Mean, spread, two-sided drift and the last fifty values: about the least that watches a load.
bool update(BareRecord& record, float kw) {
    record.ring[record.head] = kw;
    record.head = record.head + 1 == record.ring.size() ? 0 : record.head + 1;
    record.count += 1;
    const float distance = kw - record.mean;
    record.mean += distance / static_cast<float>(record.count);
    record.squares += distance * (kw - record.mean);
    const float step = kw - record.slow;
    record.slow += 0.1F * step;
    record.slow_spread = 0.9F * (record.slow_spread + 0.1F * step * step);
    const float z = distance / std::sqrt(record.squares / static_cast<float>(record.count) + 1e-3F);
    record.up = std::max(0.0F, record.up + z - 0.5F);
    record.down = std::max(0.0F, record.down - z - 0.5F);
    return kw > record.limit;
}

}  // namespace

struct BareReader::Parser {
    simdjson::ondemand::parser parser;
};

std::uint64_t BareReader::take(std::string_view body) {
    // The text goes on behind the body, or has room to be read there.
    const simdjson::padded_string_view padded(body.data(), body.size(),
                                              body.size() + simdjson::SIMDJSON_PADDING);
    std::array<std::uint32_t, 256> numbers{};
    std::array<float, 256> loads{};
    std::size_t count = 0;
    auto document = parser_->parser.iterate(padded);
    for (auto element : document.get_array()) {
        auto object = element.get_object().value();
        numbers[count] = number_of(object["feeder"].get_string().value());
        times_ += object["ts"].get_string().value().size();
        loads[count] = static_cast<float>(object["kw"].get_double().value());
        const auto* record = reinterpret_cast<const std::byte*>(&records_[numbers[count]]);
        __builtin_prefetch(record, 1);
        __builtin_prefetch(record + 64, 1);
        count += 1;
        HEADROOM_ASSERT(count <= numbers.size());
    }
    for (std::size_t i = 0; i < count; ++i) {
        over_ += update(records_[numbers[i]], loads[i]) ? 1U : 0U;
    }
    return count;
}

BareReader::BareReader(std::size_t points) : parser_(std::make_unique<Parser>()), records_(points) {}
BareReader::~BareReader() = default;

}  // namespace headroom::app
