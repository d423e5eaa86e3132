#include "app/run_produce.hpp"

#include "app/commands.hpp"
#include "app/produce_target.hpp"
#include "core/log.hpp"
#include "telemetry/batch_encoder.hpp"
#include "telemetry/csv_survey.hpp"

#include <fmt/format.h>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <iostream>
#include <unordered_map>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

using telemetry::Going;
using telemetry::PointRef;
using telemetry::Reading;

constexpr std::size_t pulse_readings_max = 2'000'000;
constexpr milliseconds produce_slice{50};
constexpr milliseconds finish_limit{60'000};  // a broker that is started again takes that on a busy machine

/// Gathers what belongs into one pulse, and publishes it.
class Pulses {
  public:
    Pulses(const ProduceCommand& command, ProduceTarget& target, telemetry::PointRegistry& registry,
           const WallClock& clock, const bool& is_asked_to_stop)
        : command_(command),
          target_(target),
          registry_(registry),
          source_(registry.intern_source("produce")),
          clock_(clock),
          is_asked_to_stop_(is_asked_to_stop) {}

    Result<Going> take(const std::vector<Reading>& readings) {
        for (const Reading& reading : readings) {
            if (!pulse_.empty() && reading.interval_start != pulse_.front().interval_start) {
                if (const Result<void> sent = publish(); !sent) {
                    return sent.error();
                }
                if (is_over()) {
                    return Going::stop;
                }
            }
            if (pulse_.size() >= pulse_readings_max) {
                return Error{Errc::invalid, "the file has more than two million readings of one time", {}};
            }
            pulse_.push_back(reading);
        }
        return Going::on;
    }

    Result<void> finish() {
        if (!pulse_.empty() && !is_over()) {
            return publish();
        }
        return {};
    }

    [[nodiscard]] std::uint64_t pulses() const { return pulses_; }
    [[nodiscard]] std::uint64_t readings() const { return seq_; }

  private:
    struct Message {
        std::string feeder;
        grid::Phase phase = grid::Phase::sum;
        std::string key;
        std::string payload;          // JSON, its readings with commas between
        std::vector<Reading> binary;  // or what a compact batch is made of
        std::uint64_t readings = 0;
    };

    [[nodiscard]] bool is_over() const {
        return is_asked_to_stop_ || (command_.count > 0 && pulses_ >= command_.count);
    }

    Result<void> publish() {
        wait_for_turn(pulse_.front().interval_start);
        UtcTime now = clock_.now();
        while (now <= last_time_ && !is_asked_to_stop_) {
            target_.rest(milliseconds{1});  // two pulses of one millisecond would contradict each other
            now = clock_.now();
        }
        last_time_ = now;
        for (const Reading& reading : pulse_) {
            if (const Result<void> sent = add(reading, now); !sent) {
                return sent;
            }
        }
        for (auto& [name, message] : open_) {
            if (const Result<void> sent = send(message); !sent) {
                return sent;
            }
        }
        open_.clear();
        pulse_.clear();
        pulses_ += 1;
        return {};
    }

    /// Messages of one name hold the readings of one feeder, or of a group of feeders that stays the same, so
    /// that a feeder's readings keep their order.
    Result<void> add(const Reading& reading, UtcTime now) {
        const telemetry::PointKey& point = registry_.key(reading.point);
        std::string name = point.point_id;
        if (target_.is_by_phase()) {
            name += "/" + std::string(grid::to_string(point.phase));
        } else if (!target_.is_by_feeder() && command_.batch > 1) {
            const auto [found, is_new] = places_.try_emplace(point.point_id, places_.size());
            name = "group-" + std::to_string(found->second / command_.batch);
        }
        Message& message = open_[name];
        if (message.readings == 0) {
            message.feeder = point.point_id;
            message.phase = target_.is_by_phase() ? point.phase : grid::Phase::sum;
            message.key = name;
        }
        seq_ += 1;
        if (is_binary()) {
            Reading& instant = message.binary.emplace_back(reading);
            instant.interval_start = instant.interval_end = now;
            instant.seq = seq_;
            instant.source = source_;
        } else {
            message.payload +=
                (message.readings == 0 ? "" : ",") + reading_to_json(point, reading, now, seq_);
        }
        message.readings += 1;
        return message.readings >= command_.batch ? send(message) : Result<void>{};
    }

    Result<void> send(Message& message) {
        if (message.readings == 0) {
            return {};
        }
        const Result<void> sent =
            target_.send(message.feeder, message.phase, message.key, payload_of(message));
        message = {};
        return sent;
    }

    [[nodiscard]] bool is_binary() const { return command_.format == "binary"; }

    std::string payload_of(Message& message) const {
        if (is_binary()) {
            std::string batch;
            telemetry::encode_batch(message.binary, registry_, telemetry::WireFormat::binary,
                                    {.with_source = true}, batch);
            return batch;
        }
        const bool is_array = command_.batch > 1 || command_.format == "json-array";
        return is_array ? "[" + message.payload + "]" : std::move(message.payload);
    }

    void wait_for_turn(UtcTime file_time) {
        if (pulses_ == 0) {
            next_ = steady_now();
        } else if (command_.speed) {
            const double ms = static_cast<double>((file_time - last_file_time_).count()) / *command_.speed;
            next_ += milliseconds{std::max<std::int64_t>(0, std::llround(ms))};
        } else {
            next_ += command_.every;
        }
        // What was held up is not made good by a burst: live pulses do not come so.
        next_ = std::max(next_, steady_now());
        last_file_time_ = file_time;
        if (steady_now() - told_ > seconds{1}) {
            told_ = steady_now();
            std::cerr << fmt::format("\rpulses: {}  readings: {}  delivered: {}", pulses_, seq_,
                                     target_.counts().delivered)
                      << std::flush;
        }
        while (!is_asked_to_stop_) {
            const auto left = std::chrono::ceil<milliseconds>(next_ - steady_now());
            if (left <= milliseconds::zero()) {
                break;
            }
            target_.rest(std::min(left, produce_slice));
        }
    }

    const ProduceCommand& command_;
    ProduceTarget& target_;
    telemetry::PointRegistry& registry_;
    const std::uint16_t source_;
    const WallClock& clock_;
    const bool& is_asked_to_stop_;
    std::vector<Reading> pulse_;
    std::unordered_map<std::string, Message> open_;
    std::unordered_map<std::string, std::uint64_t> places_;
    std::uint64_t seq_ = 0;
    std::uint64_t pulses_ = 0;
    UtcTime last_file_time_{};
    UtcTime last_time_{};
    SteadyTime next_{};
    SteadyTime told_{};
};

}  // namespace

Result<milliseconds> parse_pause(const std::string& text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double factor = unit == "ms"                  ? 1.0
                          : unit == "s" || unit.empty() ? 1'000.0
                          : unit == "min"               ? 60'000.0
                                                        : -1.0;
    if (fault != std::errc{} || factor < 0.0 || !(value >= 0.0) || value * factor > 86'400'000.0) {
        return Error{
            Errc::invalid, "'" + text + "' is no time such as 5s, 250ms or 1min, of a day at most", {}};
    }
    return milliseconds{std::llround(value * factor)};
}

std::string reading_to_json(const telemetry::PointKey& point, const Reading& reading, UtcTime at,
                            std::uint64_t seq) {
    const bool is_short = point.quantity == grid::Quantity::p_kw;
    std::string out = fmt::format(R"({{"feeder":"{}","ts":"{}")", point.point_id, format_utc(at));
    if (!is_short) {
        out += fmt::format(R"(,"quantity":"{}")", grid::to_string(point.quantity));
    }
    if (point.phase != grid::Phase::sum) {
        out += fmt::format(R"(,"phase":"{}")", grid::to_string(point.phase));
    }
    out += fmt::format(R"(,"{}":{})", is_short ? "kw" : "value", reading.value);
    if (reading.quality != telemetry::Quality::measured) {
        out += fmt::format(R"(,"quality":"{}")", telemetry::to_string(reading.quality));
    }
    return out + fmt::format(R"(,"source":"produce","seq":{}}})", seq);
}

Result<json::Object> produce(const ProduceCommand& command) {
    const Result<telemetry::CsvSurvey> survey = telemetry::survey_csv(command.file);
    if (!survey) {
        return survey.error();
    }
    asio::io_context context(1);
    bool is_asked_to_stop = false;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& fault, int) { is_asked_to_stop = !fault; });
    auto target = make_produce_target(command.to, context);
    if (!target) {
        return target.error();
    }
    const std::unique_ptr<WallClock> clock = make_system_wall_clock();
    telemetry::PointRegistry registry;
    telemetry::CsvDecoder decoder(registry, survey->options);
    Pulses pulses(command, **target, registry, *clock, is_asked_to_stop);
    const SteadyTime begun = steady_now();
    const Result<void> read = telemetry::read_csv_file(
        command.file, decoder, [&](const std::vector<Reading>& readings) { return pulses.take(readings); });
    if (!read) {
        return read.error();
    }
    Result<void> finished = pulses.finish();
    if (finished) {
        finished = (*target)->finish(finish_limit);
    }
    if (!finished) {
        return finished.error();
    }
    const ProduceTarget::Counts counts = (*target)->counts();
    return json::Object{{"pulses", pulses.pulses()},
                        {"readings", pulses.readings()},
                        {"messages", counts.sent},
                        {"delivered", counts.delivered},
                        {"failed", counts.failed},
                        {"quarantined", decoder.report().quarantined_total()},
                        {"seconds", milliseconds_between(begun, steady_now()) / 1000.0}};
}

int run_produce(const ProduceCommand& command) {
    const Result<json::Object> done = produce(command);
    std::cerr << "\n";
    if (!done) {
        std::cerr << "headroom produce: " << done.error().message << "\n";
        return exit_code_of(done.error());
    }
    const json::Value view(*done);
    if (command.is_json) {
        std::cout << json::write(*done) << "\n";
    } else {
        std::cout << fmt::format("{} readings in {} pulses and {} messages, all delivered, in {:.1f} s\n",
                                 view.integer("/readings"), view.integer("/pulses"),
                                 view.integer("/messages"), view.number("/seconds"));
    }
    return 0;
}

}  // namespace headroom::app
