#pragma once

#include "app/bench_ingest.hpp"

namespace headroom::app {

// Readings through real brokers on this machine into the monitor, beside a reader that only counts bytes, in
// turns and in one run (bench/README.md). 100,000 feeders, JSON arrays of 100 readings, five runs. A run in
// which a reading is not accepted fails. Errors: as those of the parts.

/// `ingest.mqtt_readings_per_s` and `ingest.mqtt_bare_readings_per_s` (`_qos1` for QoS 1), and what the
/// publisher takes.
[[nodiscard]] Result<json::Array> bench_ingest_mqtt(const BenchIngestOptions& options);
/// `ingest.publish_to_overload_ms_p50` and `_p99`.
[[nodiscard]] Result<json::Array> bench_ingest_latency(const BenchIngestOptions& options);
/// `ingest.kafka_readings_per_s` and `ingest.kafka_bare_readings_per_s`; nothing without a Kafka, unless it
/// was asked for: then `invalid`.
[[nodiscard]] Result<json::Array> bench_ingest_kafka(const BenchIngestOptions& options);

}  // namespace headroom::app
