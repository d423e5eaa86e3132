#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace headroom::app {

struct ProduceCommand {
    std::filesystem::path file;
    std::string to;             ///< see `make_produce_target`
    milliseconds every{5'000};  ///< between pulses
    std::optional<double>
        speed;                ///< set: the file's own distances, so many times as fast, instead of `every`
    std::uint64_t batch = 1;  ///< readings of a pulse in one message, at most
    /// json: objects, or arrays when batched; json-array: always arrays; binary: compact batches
    std::string format = "json";
    std::uint64_t count = 0;  ///< pulses; 0: all
    bool is_json = false;
};

/// `headroom produce FILE --to …`: the readings of a CSV file as live pulses. Those of one time in the file
/// are one pulse, published with the current time. Answers the exit code.
int run_produce(const ProduceCommand& command);

/// The same without printing: `{pulses, readings, messages, delivered, failed, seconds}`.
/// Errors: those of the file and the broker.
[[nodiscard]] Result<json::Object> produce(const ProduceCommand& command);

/// One reading as the JSON of docs/formats/readings.md, at `at`, an instant.
[[nodiscard]] std::string reading_to_json(const telemetry::PointKey& point, const telemetry::Reading& reading,
                                          UtcTime at, std::uint64_t seq);

/// "5s", "250ms", "1min", "0". Errors: `invalid`.
[[nodiscard]] Result<milliseconds> parse_pause(const std::string& text);

}  // namespace headroom::app
