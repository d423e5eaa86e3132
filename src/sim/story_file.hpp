#pragma once

// A story file's tables as they are written, before they become a Story. Not for others.

#include "core/reflect_json.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::sim::story_file {

struct Clock {
    UtcTime from{};
    UtcTime start{};
    UtcTime end{};
    double speed = 60.0;
};
struct WorldTable {
    std::uint64_t seed = 7;
    std::int64_t feeders = 300;
    std::int64_t hv_feeders = 12;
    std::int64_t ders = 400;
    std::int64_t history_days = 16;
    double outdoor_c = -2.0;
};
struct EveningPeakTable {
    std::string begin = "00:00";
    std::string full = "00:00";
    std::string fades = "00:00";
    std::string gone = "00:00";
    double share = 0.0;
};
struct StressTable {
    std::string feeder;
    std::string phase = "sum";
    double peak_loading = 1.1;
};
struct Procurement {
    std::int64_t fire_lead_minutes = 2;
};
struct SlowProviderTable {
    std::string provider;
    std::int64_t answer_delay_s = 60;
};
struct SilentDevice {
    std::string der;
    UtcTime from{};
};
struct File {
    std::string title;
    std::string summary;
    Clock clock;
    WorldTable world;
    EveningPeakTable evening_peak;
    std::vector<StressTable> stress;
    Procurement procurement;
    std::vector<SlowProviderTable> slow_provider;
    std::vector<SilentDevice> silent_device;
};

}  // namespace headroom::sim::story_file

namespace headroom {

template <>
struct Fields<sim::story_file::Clock> {
    using T = sim::story_file::Clock;
    static constexpr std::string_view name = "StoryClock";
    static constexpr auto table = field_table(
        field("from", &T::from, "When the world begins, on a half-hour: the recent past of the page."),
        field("start", &T::start, "When the story begins: from here on overloads are raised."),
        field("end", &T::end, "When the evening is over."),
        field("speed", &T::speed, "Simulated seconds per second.",
              {.minimum = 0.1, .maximum = 100'000, .required = false}));
};
template <>
struct Fields<sim::story_file::WorldTable> {
    using T = sim::story_file::WorldTable;
    static constexpr std::string_view name = "StoryWorld";
    static constexpr auto table =
        field_table(field("seed", &T::seed, "Seed of all chance.", {.required = false}),
                    field("feeders", &T::feeders, "Low-voltage feeders.",
                          {.minimum = 3, .maximum = 5000, .required = false}),
                    field("hv_feeders", &T::hv_feeders, "High-voltage feeders, a multiple of 3; 0 for none.",
                          {.minimum = 0, .maximum = 300, .required = false}),
                    field("ders", &T::ders, "Devices.", {.minimum = 0, .maximum = 50'000, .required = false}),
                    field("history_days", &T::history_days, "Half-hourly past before `from`.",
                          {.minimum = 0, .maximum = 60, .required = false}),
                    field("outdoor_c", &T::outdoor_c, "Temperature at 18:00 UTC of the first day.",
                          {.unit = "°C", .minimum = -30, .maximum = 40, .required = false}));
};
template <>
struct Fields<sim::story_file::EveningPeakTable> {
    using T = sim::story_file::EveningPeakTable;
    static constexpr std::string_view name = "StoryEveningPeak";
    static constexpr auto table =
        field_table(field("begin", &T::begin, "Local time at which it begins, HH:MM.", {.required = false}),
                    field("full", &T::full, "… is all there.", {.required = false}),
                    field("fades", &T::fades, "… begins to fade.", {.required = false}),
                    field("gone", &T::gone, "… is gone.", {.required = false}),
                    field("share", &T::share, "Of the homes' load, on top of it.",
                          {.minimum = 0, .maximum = 2, .required = false}));
};
template <>
struct Fields<sim::story_file::StressTable> {
    using T = sim::story_file::StressTable;
    static constexpr std::string_view name = "StoryStress";
    static constexpr auto table = field_table(
        field("feeder", &T::feeder, "F-0123 or HV-05.", {.minimum = 1, .maximum = 64}),
        field("phase", &T::phase, "L1, L2, L3 of a low-voltage feeder; sum of a high-voltage one.",
              {.maximum = 8, .required = false}),
        field("peak_loading", &T::peak_loading, "Largest load of the first day over the limit.",
              {.minimum = 0.5, .maximum = 2}));
};
template <>
struct Fields<sim::story_file::Procurement> {
    using T = sim::story_file::Procurement;
    static constexpr std::string_view name = "StoryProcurement";
    static constexpr auto table =
        field_table(field("fire_lead_minutes", &T::fire_lead_minutes,
                          "Armed capacity is fired so long before its window, on top of the devices' notice.",
                          {.unit = "min", .minimum = 0, .maximum = 60, .required = false}));
};
template <>
struct Fields<sim::story_file::SlowProviderTable> {
    using T = sim::story_file::SlowProviderTable;
    static constexpr std::string_view name = "StorySlowProvider";
    static constexpr auto table = field_table(
        field("provider", &T::provider, "Short id of a simulated provider.", {.minimum = 1, .maximum = 64}),
        field("answer_delay_s", &T::answer_delay_s, "Simulated time between a request and its answer.",
              {.unit = "s", .minimum = 1, .maximum = 86'400}));
};
template <>
struct Fields<sim::story_file::SilentDevice> {
    using T = sim::story_file::SilentDevice;
    static constexpr std::string_view name = "StorySilentDevice";
    static constexpr auto table =
        field_table(field("der", &T::der, "Id of a device.", {.minimum = 1, .maximum = 64}),
                    field("from", &T::from, "It takes no order and gives no answer from then on."));
};
template <>
struct Fields<sim::story_file::File> {
    using T = sim::story_file::File;
    static constexpr std::string_view name = "Story";
    static constexpr auto table = field_table(
        field("title", &T::title, "As pages show it.", {.minimum = 1, .maximum = 80}),
        field("summary", &T::summary, "A sentence or two.", {.maximum = 500, .required = false}),
        field("clock", &T::clock, "When."), field("world", &T::world, "Where.", {.required = false}),
        field("evening_peak", &T::evening_peak, "What homes below a stressed high-voltage feeder switch on.",
              {.required = false}),
        field("stress", &T::stress, "Limits that will be exceeded unless something is done.",
              {.maximum = 100, .required = false}),
        field("procurement", &T::procurement, "How capacity is bought.", {.required = false}),
        field("slow_provider", &T::slow_provider, "Providers that answer late.",
              {.maximum = 20, .required = false}),
        field("silent_device", &T::silent_device, "Devices that fall silent.",
              {.maximum = 100, .required = false}));
};

}  // namespace headroom
