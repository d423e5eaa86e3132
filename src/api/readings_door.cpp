#include "api/readings_door.hpp"

#include "api/operation.hpp"
#include "api/request.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/json_decoder.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace headroom::api {
namespace {

/// A JSON document is held whole; NDJSON is not.
constexpr std::size_t document_bytes_max = 16UL * 1024 * 1024;
/// Readings handed on at a time while lines stream in.
constexpr std::size_t batch_readings = 4096;

void add(telemetry::IngestTotals& totals, const monitor::IngestCount& count) {
    totals.accepted += count.accepted;
    totals.duplicates += count.duplicates;
    totals.conflicts += count.conflicts;
    for (std::size_t i = 0; i < count.quarantined.size(); ++i) {
        totals.quarantined[i] += count.quarantined[i];
    }
}

void hand_on(const Door& door, std::vector<telemetry::Reading>& readings, telemetry::IngestTotals& totals,
             SteadyTime received) {
    if (!readings.empty()) {
        add(totals, door.monitoring().ingest(readings, received));
        readings.clear();
    }
}

Awaitable<net::Response> take_readings(const Door& door, net::Request request, net::BodyReader& body) {
    const Result<bool> dry_run = dry_run_of(request);
    if (!dry_run) {
        co_return net::problem_of(dry_run.error(), request.path);
    }
    const bool is_lines = request.headers.get("Content-Type").starts_with("application/x-ndjson");
    telemetry::JsonDecoder decoder(door.registry, {.now = door.clock.now()});
    std::vector<telemetry::Reading> readings;
    telemetry::IngestTotals totals;
    std::string document;
    for (;;) {
        const Result<std::string_view> piece = co_await body.read_some();
        if (!piece) {
            co_return net::problem_of(piece.error(), request.path);
        }
        if (piece->empty()) {
            break;
        }
        if (!is_lines) {
            if (document.size() + piece->size() > document_bytes_max) {
                co_return net::problem(413, "Content Too Large",
                                       "a JSON document of readings may have 16 MiB; send NDJSON for more",
                                       {}, request.path);
            }
            document.append(*piece);
            continue;
        }
        decoder.feed(*piece, readings);
        if (*dry_run) {
            readings.clear();
        } else if (readings.size() >= batch_readings) {
            hand_on(door, readings, totals, steady_now());
        }
    }
    const SteadyTime received = steady_now();
    if (is_lines) {
        decoder.finish(readings);
    } else {
        const Result<void> decoded = decoder.decode(document, readings);
        if (!decoded) {
            co_return net::problem(400, "Bad Request", decoded.error().message, {}, request.path);
        }
    }
    const telemetry::DecodeReport& report = decoder.report();
    if (*dry_run) {
        json::Value receipt = telemetry::receipt_json(report, totals);
        receipt.as_object()->set("dry_run", true);
        co_return net::json_response(200, receipt);
    }
    hand_on(door, readings, totals, received);
    for (std::size_t i = 0; i < report.quarantined.size(); ++i) {
        if (report.quarantined[i] > 0) {
            door.monitoring().count_quarantined(static_cast<telemetry::Quarantine>(i), report.quarantined[i]);
        }
    }
    co_return net::json_response(200, telemetry::receipt_json(report, totals));
}

}  // namespace

void add_readings(net::HttpServer& server, const Door& door) {
    net::RouteOptions options =
        Operation("operator", "Readings: one, a list, or lines without end")
            .about(
                "application/json, or application/x-ndjson of any length (docs/formats/readings.md). "
                "Readings that "
                "cannot be believed are counted by reason and kept out; the answer is still 200. The same "
                "reading "
                "again is a duplicate and changes nothing, so a repeat needs no Idempotency-Key.")
            .query("dry_run", "Read and count, without taking anything.", word_schema({"true", "false"}))
            .takes_json(json::Object{{"type", json::Array{"object", "array"}}},
                        R"({"feeder":"F-0130","ts":"2027-01-14T17:30:00Z","kw":42.5,"phase":"L1"})")
            .answers_like(
                200, "What became of them.",
                R"({"received":1,"accepted":1,"duplicates":0,"conflicts":0,"quarantined":{},"errors":[]})")
            .fails({400, 413, 415})
            .options();
    options.media_types = {"application/json", "application/x-ndjson"};
    const auto kept = std::make_shared<const Door>(door);
    server.upload(
        "POST", "/api/v1/readings",
        [kept](net::Request request, net::BodyReader& body) {
            return take_readings(*kept, std::move(request), body);
        },
        std::move(options));
}

}  // namespace headroom::api
