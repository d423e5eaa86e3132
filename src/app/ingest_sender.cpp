#include "app/ingest_sender.hpp"

#include "app/http_status.hpp"
#include "telemetry/batch_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headroom::app {
namespace {

constexpr int http_too_many = 429;
constexpr int http_unavailable = 503;
constexpr milliseconds first_pause{100};
constexpr milliseconds pause_max = seconds{5};
constexpr seconds retry_after_max{60};

Error refusal_of(const IngestSender::Answer& answer) {
    const Result<json::Value> problem = json::parse(answer.body);
    const std::string detail = problem ? problem->text("/detail") : "";
    if (answer.status == http_unauthorized || answer.status == http_forbidden) {
        return Error{Errc::denied,
                     fmt::format("the server takes no readings from us ({}): {}. Give an API key "
                                 "with --key-file FILE or $HEADROOM_KEY",
                                 answer.status, detail)};
    }
    return Error{Errc::invalid, fmt::format("the server answered {}: {}", answer.status,
                                            detail.empty() ? "is this a Headroom server?" : detail)};
}

std::uint64_t count_at(const json::Value& receipt, std::string_view pointer) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, receipt.integer(pointer)));
}

}  // namespace

std::uint64_t IngestCounts::quarantined_total() const {
    std::uint64_t total = 0;
    for (const auto& [reason, count] : quarantined) {
        total += count;
    }
    return total;
}

bool IngestCounts::is_reconciled() const {
    return sent == accepted + duplicates + conflicts + quarantined_total();
}

Result<void> IngestSender::send(std::span<const telemetry::Reading> readings,
                                const telemetry::PointRegistry& registry) {
    if (readings.empty()) {
        return {};
    }
    body_.clear();
    telemetry::encode_batch(readings, registry, telemetry::WireFormat::binary, {.with_source = true}, body_);
    milliseconds pause = first_pause;
    milliseconds waited{0};
    for (bool is_first = true;; is_first = false) {
        counts_.repeats += is_first ? 0 : 1;
        const Result<Answer> answer = post_(body_);
        if (answer && answer->status == http_ok) {
            return take_receipt(*answer, readings.size());
        }
        const bool is_busy =
            answer && (answer->status == http_too_many || answer->status == http_unavailable);
        const bool is_away =
            !answer && (answer.error().code == Errc::unavailable || answer.error().code == Errc::timeout);
        if (!is_busy && !is_away) {
            return answer ? refusal_of(*answer) : answer.error();
        }
        if (waited >= patience_) {
            return is_busy ? Error{Errc::unavailable, "the server kept asking to wait"} : answer.error();
        }
        milliseconds wanted = pause;
        if (is_busy) {
            counts_.asked_to_wait += 1;
            wanted = std::max<milliseconds>(
                wanted, std::min(answer->retry_after.value_or(seconds{0}), retry_after_max));
        }
        pause_(wanted);
        waited += wanted;
        pause = std::min(pause * 2, pause_max);
    }
}

Result<void> IngestSender::take_receipt(const Answer& answer, std::uint64_t sent) {
    const Result<json::Value> receipt = json::parse(answer.body);
    if (!receipt || receipt->get("received") == nullptr || count_at(*receipt, "/received") != sent) {
        return Error{Errc::corrupt,
                     fmt::format("{} readings were sent, and the answer is no receipt of them: {}", sent,
                                 answer.body.substr(0, 200))};
    }
    counts_.sent += sent;
    counts_.accepted += count_at(*receipt, "/accepted");
    counts_.duplicates += count_at(*receipt, "/duplicates");
    counts_.conflicts += count_at(*receipt, "/conflicts");
    if (const json::Value* reasons = receipt->get("quarantined");
        reasons != nullptr && reasons->as_object()) {
        for (const auto& [reason, count] : reasons->as_object()->members()) {
            counts_.quarantined[reason.str()] += static_cast<std::uint64_t>(count.as_double().value_or(0.0));
        }
    }
    if (counts_.first_fault.empty()) {
        counts_.first_fault = receipt->text("/errors/0/detail");
    }
    return {};
}

}  // namespace headroom::app
