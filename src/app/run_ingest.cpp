#include "app/run_ingest.hpp"

#include "app/commands.hpp"
#include "app/ingest_progress.hpp"
#include "app/ingest_sender.hpp"
#include "app/server_target.hpp"
#include "core/log.hpp"
#include "net/http_client.hpp"
#include "net/url.hpp"
#include "telemetry/csv_decoder.hpp"
#include "telemetry/file_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <span>
#include <thread>
#include <utility>

#include <unistd.h>

namespace headroom::app {
namespace {

constexpr std::size_t batch_readings = 10'000;
/// What a paced replay holds, so that several files can go in the order of time.
constexpr std::size_t held_readings_max = 8'000'000;
constexpr std::int64_t request_deadline_ms = 30'000;
constexpr milliseconds paced_step{200};
constexpr double speed_max = 1e6;

using telemetry::Reading;

class Ingest {
  public:
    Ingest(const IngestCommand& command, IngestSender& sender)
        : command_(command), sender_(sender), progress_(::isatty(STDERR_FILENO) == 1) {}

    Result<void> run() {
        for (const std::filesystem::path& file : command_.files) {
            std::error_code fault;
            bytes_all_ += std::filesystem::file_size(file, fault);
        }
        Result<void> done;
        for (std::size_t i = 0; i < command_.files.size() && done; ++i) {
            done = read_file(command_.files[i]);
        }
        if (done && command_.speed) {
            done = send_paced();
        }
        progress_.end();
        return done;
    }
    [[nodiscard]] std::uint64_t read() const { return read_; }
    [[nodiscard]] const telemetry::DecodeReport& kept_back() const { return kept_back_; }

  private:
    Result<void> read_file(const std::filesystem::path& path) {
        Result<telemetry::FileReader> file = telemetry::FileReader::open(path);
        if (!file) {
            return file.error();
        }
        telemetry::CsvDecoder decoder(registry_, {.file_name = path.filename().string()});
        std::vector<char> buffer(telemetry::file_chunk_bytes);
        std::vector<Reading> fresh;
        Result<void> result;
        for (bool is_end = false; result && !is_end;) {
            const Result<std::size_t> count = file->read(buffer);
            if (!count) {
                result = count.error();
                break;
            }
            is_end = *count == 0;
            result = is_end ? decoder.finish(fresh) : decoder.feed({buffer.data(), *count}, fresh);
            if (result) {
                result = take(fresh, is_end);
            }
            progress_.show(part_read(file->offset()), command_.speed ? held_.size() : sender_.counts().sent,
                           steady_now());
        }
        std::error_code fault;
        bytes_before_ += std::filesystem::file_size(path, fault);
        kept_back_.received += decoder.report().received;
        for (std::size_t i = 0; i < telemetry::quarantine_reasons; ++i) {
            kept_back_.quarantined[i] += decoder.report().quarantined[i];
        }
        for (const telemetry::DecodeError& error : decoder.report().errors) {
            if (kept_back_.errors.empty()) {
                kept_back_.errors.push_back(error);
                kept_back_.errors.back().detail =
                    fmt::format("{} line {}: {}", path.filename().string(), error.line, error.detail);
            }
        }
        return result;
    }

    [[nodiscard]] double part_read(std::uint64_t offset) const {
        return bytes_all_ == 0
                   ? 1.0
                   : static_cast<double>(bytes_before_ + offset) / static_cast<double>(bytes_all_);
    }

    /// Sends whole batches on, the rest too at a file's end; or holds everything for its time.
    Result<void> take(std::vector<Reading>& fresh, bool is_end) {
        if (command_.speed) {
            read_ += fresh.size();
            if (held_.size() + fresh.size() > held_readings_max) {
                return Error{
                    Errc::unsupported,
                    fmt::format("a replay at a speed holds up to {} readings, and these files have more; "
                                "use --speed max, or fewer files",
                                with_commas(held_readings_max))};
            }
            held_.insert(held_.end(), fresh.begin(), fresh.end());
            fresh.clear();
            return {};
        }
        std::size_t at = 0;
        while (fresh.size() - at >= batch_readings || (is_end && at < fresh.size())) {
            const std::size_t count = std::min(batch_readings, fresh.size() - at);
            if (Result<void> sent = sender_.send(std::span(fresh).subspan(at, count), registry_); !sent) {
                return sent;
            }
            at += count;
            read_ += count;
        }
        fresh.erase(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(at));
        return {};
    }

    Result<void> send_paced() {
        std::stable_sort(held_.begin(), held_.end(),
                         [](const Reading& a, const Reading& b) { return a.interval_end < b.interval_end; });
        const SteadyTime begun = steady_now();
        std::size_t at = 0;
        while (at < held_.size()) {
            const double gone_s = std::chrono::duration<double>(steady_now() - begun).count();
            const UtcTime due =
                held_.front().interval_end +
                milliseconds{static_cast<std::int64_t>(std::min(gone_s * *command_.speed * 1000.0, 1e15))};
            std::size_t end = at;
            while (end < held_.size() && end - at < batch_readings && held_[end].interval_end <= due) {
                ++end;
            }
            if (Result<void> sent = sender_.send(std::span(held_).subspan(at, end - at), registry_); !sent) {
                return sent;
            }
            const bool is_behind = end - at == batch_readings;
            at = end;
            progress_.show(static_cast<double>(at) / static_cast<double>(held_.size()), at, steady_now());
            if (!is_behind && at < held_.size()) {
                const double until_next_s =
                    static_cast<double>((held_[at].interval_end - due).count()) / 1000.0 / *command_.speed;
                std::this_thread::sleep_for(std::clamp(std::chrono::duration<double>(until_next_s),
                                                       std::chrono::duration<double>(0.001),
                                                       std::chrono::duration<double>(paced_step)));
            }
        }
        return {};
    }

    const IngestCommand& command_;
    IngestSender& sender_;
    IngestProgress progress_;
    telemetry::PointRegistry registry_;
    std::vector<Reading> held_;
    telemetry::DecodeReport kept_back_;
    std::uint64_t read_ = 0;
    std::uint64_t bytes_all_ = 0;
    std::uint64_t bytes_before_ = 0;
};

Result<IngestSender::Answer> post_to(net::HttpClient& client, const std::string& url, const std::string& key,
                                     const std::string& body) {
    net::ClientRequest request{
        .method = "POST", .url = url, .body = body, .deadline_ms = request_deadline_ms};
    request.headers.set("Content-Type", "application/vnd.headroom.readings");
    if (!key.empty()) {
        request.headers.set("Authorization", "Bearer " + key);
    }
    Result<net::ClientResponse> response = client.send_wait(std::move(request));
    if (!response) {
        return response.error();
    }
    IngestSender::Answer answer{
        .status = response->status, .body = std::move(response->body), .retry_after = {}};
    const std::string_view text = response->headers.get("Retry-After");
    std::int64_t wait_s = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), wait_s).ec == std::errc{} && wait_s >= 0) {
        answer.retry_after = seconds{wait_s};
    }
    return answer;
}

json::Object summary_of(const Ingest& ingest, const IngestCounts& counts, double took_s) {
    json::Object quarantined;
    for (const auto& [reason, count] : counts.quarantined) {
        quarantined.set(reason, count);
    }
    return json::Object{{"read", ingest.read()},
                        {"kept_back", telemetry::quarantined_json(ingest.kept_back().quarantined)},
                        {"sent", counts.sent},
                        {"accepted", counts.accepted},
                        {"duplicates", counts.duplicates},
                        {"conflicts", counts.conflicts},
                        {"quarantined", std::move(quarantined)},
                        {"repeats", counts.repeats},
                        {"asked_to_wait", counts.asked_to_wait},
                        {"seconds", took_s},
                        {"readings_per_s", took_s > 0.0 ? static_cast<double>(counts.sent) / took_s : 0.0},
                        {"reconciled", counts.is_reconciled()}};
}

void print_summary(const Ingest& ingest, const IngestCounts& counts, double took_s) {
    std::cout << fmt::format(
        "{} readings sent in {:.1f} s ({}/s)\n  accepted     {}\n  duplicates   {}\n  conflicts    {}\n"
        "  quarantined  {}\n",
        with_commas(counts.sent), took_s,
        with_commas(static_cast<std::uint64_t>(static_cast<double>(counts.sent) / std::max(took_s, 0.001))),
        with_commas(counts.accepted), with_commas(counts.duplicates), with_commas(counts.conflicts),
        with_commas(counts.quarantined_total()));
    for (const auto& [reason, count] : counts.quarantined) {
        std::cout << fmt::format("    {:<14} {}\n", reason, with_commas(count));
    }
    if (!counts.first_fault.empty()) {
        std::cout << "  the first: " << counts.first_fault << "\n";
    }
    if (ingest.kept_back().quarantined_total() > 0) {
        std::cout << fmt::format("  kept back    {} rows that cannot be read; the first: {}\n",
                                 with_commas(ingest.kept_back().quarantined_total()),
                                 ingest.kept_back().errors.front().detail);
    }
    if (counts.repeats > 0) {
        std::cout << fmt::format(
            "  {} batches were sent again after a broken connection or a wait; what had been "
            "taken of them counts as duplicates\n",
            with_commas(counts.repeats));
    }
}

}  // namespace

Result<std::optional<double>> parse_speed(const std::string& text) {
    if (text == "max") {
        return std::optional<double>{};
    }
    double speed = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), speed);
    if (fault != std::errc{} || end != text.data() + text.size() || !(speed > 0.0 && speed <= speed_max)) {
        return Error{Errc::invalid,
                     "--speed is \"" + text + "\"; give a number above 0, such as 1 or 60, or max"};
    }
    return std::optional(speed);
}

int run_ingest(const IngestCommand& command) {
    log::set_level(log::Level::warn);
    const auto fail = [](const Error& error) {
        std::cerr << "headroom ingest: " << error.message << "\n";
        return exit_code_of(error);
    };
    const Result<ServerTarget> target = find_server(command.to, command.data_dir, command.sources);
    const Result<std::string> key = read_api_key(command.key_file, command.sources);
    if (!target || !key) {
        return fail(target ? key.error() : target.error());
    }
    const Result<net::Url> url = net::parse_url(target->url);
    if (!url || (url->scheme != "http" && url->scheme != "https")) {
        return fail(Error{Errc::invalid, "'" + target->url + "' is no http:// or https:// address"});
    }
    net::HttpClient client({.allow_private = {url->authority()}});
    const std::string readings_url = url->scheme + "://" + url->authority() + "/api/v1/readings";
    IngestSender sender([&](const std::string& body) { return post_to(client, readings_url, *key, body); },
                        [](milliseconds pause) { std::this_thread::sleep_for(pause); },
                        milliseconds{static_cast<std::int64_t>(command.patience_s * 1000.0)});
    Ingest ingest(command, sender);
    const SteadyTime begun = steady_now();
    const Result<void> done = ingest.run();
    const double took_s = milliseconds_between(begun, steady_now()) / 1000.0;
    if (command.is_json) {
        std::cout << json::write(summary_of(ingest, sender.counts(), took_s)) << "\n";
    } else {
        print_summary(ingest, sender.counts(), took_s);
    }
    if (!done) {
        return fail(done.error());
    }
    if (!sender.counts().is_reconciled()) {
        return fail(Error{Errc::corrupt, "the receipts do not add up to what was sent"});
    }
    return 0;
}

}  // namespace headroom::app
