#include "sim/provider_meters.hpp"

#include "core/random.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace headroom::sim {

namespace {

constexpr std::uint64_t meter_stream = 77;
constexpr std::size_t pages_max = 3;

}  // namespace

MeterShow show_delivery(const BookedOrder& booked, std::int64_t share_ppm, UtcTime now) {
    MeterShow shown;
    shown.performance.id = "perf-" + booked.order.id;
    shown.performance.event = booked.context.transaction_id;
    shown.performance.methodology = "5of10";
    const bool is_over = booked.order.status == beckn::OrderStatus::complete;
    shown.performance.state = is_over ? "COMPLETED" : "SCHEDULED";
    const Random random(0);
    for (std::size_t i = 0; i < booked.order.lines.size(); ++i) {
        const flex::IntervalGrid& promised = booked.order.lines[i].power_w;
        flex::MeterSeries meter;
        meter.meter = i < booked.ders.size() ? booked.ders[i] : booked.order.lines[i].item;
        flex::IntervalGrid baseline = promised;
        flex::IntervalGrid usage = promised;
        flex::IntervalGrid delivered = promised;
        for (std::size_t slot = 0; slot < promised.values.size(); ++slot) {
            const auto more = static_cast<std::int64_t>(
                random.below(500, Random::key(meter.meter), static_cast<std::uint64_t>(slot), meter_stream));
            baseline.values[slot] = promised.values[slot] + promised.values[slot] * more / 1000;
            delivered.values[slot] = is_over && promised.time_of(slot + 1) <= now
                                         ? promised.values[slot] * share_ppm / whole_ppm
                                         : 0;
            usage.values[slot] = baseline.values[slot] - delivered.values[slot];
        }
        meter.baseline_w = std::move(baseline);
        if (is_over) {
            meter.usage_w = std::move(usage);
        }
        shown.performance.meters.push_back(std::move(meter));
        shown.delivered.push_back(std::move(delivered));
    }
    return shown;
}

std::vector<flex::Performance> pages_of(const flex::Performance& whole) {
    const std::size_t wanted = std::max<std::size_t>(1, std::min(pages_max, whole.meters.size()));
    const std::size_t size = std::max<std::size_t>(1, (whole.meters.size() + wanted - 1) / wanted);
    const std::size_t count = std::max<std::size_t>(1, (whole.meters.size() + size - 1) / size);
    std::vector<flex::Performance> pages;
    for (std::size_t page = 0; page < count; ++page) {
        flex::Performance part = whole;
        const auto begin = static_cast<std::ptrdiff_t>(std::min(page * size, whole.meters.size()));
        const auto end = static_cast<std::ptrdiff_t>(std::min((page + 1) * size, whole.meters.size()));
        part.meters.assign(whole.meters.begin() + begin, whole.meters.begin() + end);
        part.page = flex::PageInfo{
            .sequence = static_cast<std::int64_t>(page) + 1,
            .is_last = page + 1 == count,
            .cursor = whole.id + "/" + std::to_string(page + 1),
            .next_cursor = page + 1 == count ? std::string() : whole.id + "/" + std::to_string(page + 2)};
        pages.push_back(std::move(part));
    }
    return pages;
}

}  // namespace headroom::sim
