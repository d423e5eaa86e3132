#include "api/readings_door.hpp"

#include "api/operation.hpp"
#include "api/request.hpp"
#include "telemetry/batch_decoder.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/gunzip.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::api {
namespace {

using telemetry::WireFormat;

/// Readings handed on at a time while a body streams in; fewer when its sender is slow.
constexpr std::size_t batch_readings = 4096;
constexpr std::size_t full_piece_bytes = 32UL * 1024;
/// Beyond these a sender is asked to come again: uploads at once, and bytes kept for documents that are not
/// complete.
constexpr std::size_t uploads_max = 64;
constexpr std::size_t held_bytes_max = 128UL * 1024 * 1024;
/// Decoders are kept for the next body, unless they grew.
constexpr std::size_t spare_decoders_max = 8;
constexpr std::size_t spare_held_bytes_max = 1024UL * 1024;

/// What all uploads share. One io_context thread.
struct Uploads {
    std::size_t in_progress = 0;
    std::size_t held_bytes = 0;
    std::vector<std::unique_ptr<telemetry::BatchDecoder>> spare;
};

net::Response come_again(int status, std::string_view detail, std::string_view path) {
    net::Response response = net::problem(status, net::status_phrase(status), detail, {}, path);
    response.headers.set("Retry-After", "1");
    return response;
}

/// The form that a Content-Type names; the route lets no other through.
WireFormat format_of(std::string_view type) {
    const std::string_view plain = type.substr(0, type.find(';'));
    const auto is = [plain](std::string_view known) {
        return plain.size() >= known.size() && net::same_but_case(plain.substr(0, known.size()), known);
    };
    return is("application/x-ndjson")                ? WireFormat::ndjson
           : is("application/cbor")                  ? WireFormat::cbor
           : is("application/vnd.headroom.readings") ? WireFormat::binary
                                                     : WireFormat::json;
}

/// One body on its way in.
class Upload {
  public:
    Upload(const Door& door, Uploads& uploads, WireFormat format, bool is_dry_run)
        : door_(door), uploads_(uploads), format_(format), is_dry_run_(is_dry_run) {
        uploads_.in_progress += 1;
        if (uploads_.spare.empty()) {
            decoder_ = std::make_unique<telemetry::BatchDecoder>(
                door_.registry, telemetry::JsonDecoderOptions{.now = door_.clock.now()});
        } else {
            decoder_ = std::move(uploads_.spare.back());
            uploads_.spare.pop_back();
            decoder_->reset(door_.clock.now());
        }
    }
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;
    ~Upload() {
        uploads_.in_progress -= 1;
        uploads_.held_bytes -= held_;
        if (uploads_.spare.size() < spare_decoders_max && held_most_ < spare_held_bytes_max) {
            uploads_.spare.push_back(std::move(decoder_));
        }
    }

    /// Errors: `invalid` for what cannot be read; nothing more is to be offered then.
    Result<void> take(std::string_view piece) {
        is_too_long_ = format_ != WireFormat::ndjson && format_ != WireFormat::binary &&
                       held_ + piece.size() > telemetry::BatchDecoder::document_bytes_max;
        decoder_->set_now(door_.clock.now());  // a body may take hours
        Result<void> fed = decoder_->feed(piece, format_, readings_);
        uploads_.held_bytes = uploads_.held_bytes - held_ + decoder_->held_bytes();
        held_ = decoder_->held_bytes();
        held_most_ = std::max(held_most_, held_);
        if (fed && (readings_.size() >= batch_readings || piece.size() < full_piece_bytes)) {
            hand_on();
        }
        return fed;
    }
    Result<void> finish() {
        Result<void> finished = decoder_->finish(format_, readings_);
        hand_on();
        return finished;
    }
    /// Once, whatever became of the body: what was read of it is taken and counted.
    void count() {
        hand_on();
        const telemetry::DecodeReport& report = decoder_->report();
        if (!is_dry_run_ && report.quarantined_total() > 0) {
            door_.monitoring().count_refused(door_.registry.intern_source("http"), report);
        }
    }
    /// A document that is too long is 413, anything else that cannot be read is 400.
    [[nodiscard]] net::Response refusal(const Error& error, std::string_view path) const {
        return net::problem(is_too_long_ ? 413 : 400, is_too_long_ ? "Content Too Large" : "Bad Request",
                            error.message, {}, path);
    }
    [[nodiscard]] json::Object receipt() const {
        json::Object receipt = telemetry::receipt_json(decoder_->report(), totals_);
        if (is_dry_run_) {
            receipt.set("dry_run", true);
        }
        return receipt;
    }

  private:
    void hand_on() {
        if (!readings_.empty() && !is_dry_run_) {
            const monitor::IngestCount count = door_.monitoring().ingest(readings_, steady_now());
            totals_.accepted += count.accepted;
            totals_.duplicates += count.duplicates;
            totals_.conflicts += count.conflicts;
            for (std::size_t i = 0; i < count.quarantined.size(); ++i) {
                totals_.quarantined[i] += count.quarantined[i];
            }
        }
        readings_.clear();
    }

    const Door& door_;
    Uploads& uploads_;
    WireFormat format_;
    bool is_dry_run_;
    std::unique_ptr<telemetry::BatchDecoder> decoder_;
    std::vector<telemetry::Reading> readings_;
    telemetry::IngestTotals totals_;
    std::size_t held_ = 0;
    std::size_t held_most_ = 0;
    bool is_too_long_ = false;
};

/// Why a request is turned away before its body is read.
std::optional<net::Response> turn_away(const Door& door, const Uploads& uploads,
                                       const net::Request& request) {
    if (door.is_stopping && door.is_stopping()) {
        return come_again(503, "the control room is stopping; send the readings again to the next one",
                          request.path);
    }
    if (uploads.in_progress >= uploads_max || uploads.held_bytes >= held_bytes_max) {
        return come_again(429, "as many uploads as are taken at once are in progress", request.path);
    }
    const std::string_view encoding = request.headers.get("Content-Encoding");
    if (!encoding.empty() && !net::same_but_case(encoding, "gzip") &&
        !net::same_but_case(encoding, "identity")) {
        return net::problem(415, "Unsupported Media Type", "the Content-Encoding must be gzip or identity",
                            {}, request.path);
    }
    return std::nullopt;
}

Result<void> take_packed(telemetry::Gunzip& gunzip, std::string_view piece, Upload& upload) {
    gunzip.put(piece);
    for (;;) {
        const Result<std::string_view> block = gunzip.next();
        if (!block) {
            return block.error();
        }
        if (block->empty()) {
            return {};
        }
        if (Result<void> taken = upload.take(*block); !taken) {
            return taken;
        }
    }
}

Awaitable<net::Response> take_readings(const Door& door, Uploads& uploads, net::Request request,
                                       net::BodyReader& body) {
    const Result<bool> dry_run = dry_run_of(request);
    if (!dry_run) {
        co_return net::problem_of(dry_run.error(), request.path);
    }
    if (std::optional<net::Response> answer = turn_away(door, uploads, request)) {
        co_return std::move(*answer);
    }
    Upload upload(door, uploads, format_of(request.headers.get("Content-Type")), *dry_run);
    std::optional<telemetry::Gunzip> gunzip;
    if (net::same_but_case(request.headers.get("Content-Encoding"), "gzip")) {
        gunzip.emplace();
    }
    for (;;) {
        const Result<std::string_view> piece = co_await body.read_some();
        if (!piece) {
            upload.count();
            co_return net::problem_of(piece.error(), request.path);
        }
        if (piece->empty()) {
            break;
        }
        const Result<void> taken = gunzip ? take_packed(*gunzip, *piece, upload) : upload.take(*piece);
        if (!taken) {
            upload.count();
            co_return upload.refusal(taken.error(), request.path);
        }
        if (door.is_stopping && door.is_stopping()) {
            upload.count();
            co_return come_again(503, "the control room is stopping; send the readings again to the next one",
                                 request.path);
        }
    }
    const Result<void> unpacked = gunzip ? gunzip->finish() : Result<void>();
    const Result<void> finished = unpacked ? upload.finish() : unpacked;
    upload.count();
    co_return finished ? net::json_response(200, upload.receipt())
                       : upload.refusal(finished.error(), request.path);
}

}  // namespace

void add_readings(net::HttpServer& server, const Door& door) {
    net::RouteOptions options =
        Operation("operator", "Readings: one, a list, or lines without end")
            .about(
                "application/json, application/x-ndjson of any length, application/cbor, or compact batches "
                "as "
                "application/vnd.headroom.readings (docs/formats/readings.md); each also with "
                "Content-Encoding: "
                "gzip. Readings that cannot be believed are counted by reason and kept out; the answer is "
                "still "
                "200. The same reading again is a duplicate and changes nothing, so a repeat needs no "
                "Idempotency-Key: after 429, 503 or a broken connection, send the body again.")
            .query("dry_run", "Read and count, without taking anything.", word_schema({"true", "false"}))
            .takes_json(json::Object{{"type", json::Array{"object", "array"}}},
                        R"({"feeder":"F-0130","ts":"2027-01-14T17:30:00Z","kw":42.5,"phase":"L1"})")
            .answers_like(
                200, "What became of them.",
                R"({"received":1,"accepted":1,"duplicates":0,"conflicts":0,"quarantined":{},"errors":[]})")
            .fails({400, 413, 415, 429})
            .options();
    options.media_types = {"application/json", "application/x-ndjson", "application/cbor",
                           "application/vnd.headroom.readings"};
    const auto kept = std::make_shared<const Door>(door);
    const auto uploads = std::make_shared<Uploads>();
    server.upload(
        "POST", "/api/v1/readings",
        [kept, uploads](net::Request request, net::BodyReader& body) {
            return take_readings(*kept, *uploads, std::move(request), body);
        },
        std::move(options));
}

}  // namespace headroom::api
