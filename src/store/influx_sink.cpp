#include "core/log.hpp"
#include "net/http_client.hpp"
#include "store/influx.hpp"
#include "store/influx_line.hpp"
#include "store/influx_wire.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace headroom::store {
namespace {

constexpr auto longest_sleep = std::chrono::seconds{1};

/// Lines wait in a queue; one thread sends batch after batch, so their order is kept.
class InfluxSink final : public SeriesSink {
  public:
    explicit InfluxSink(influx::Wire wire)
        : wire_(std::move(wire)),
          client_(influx::client_for(wire_)),
          queue_(wire_.options().queue),
          thread_([this] { run(); }) {}
    ~InfluxSink() override {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }
    InfluxSink(const InfluxSink&) = delete;
    InfluxSink& operator=(const InfluxSink&) = delete;

    [[nodiscard]] std::string name() const override { return "influx"; }

    void give(const std::vector<SeriesBlock>& blocks) override {
        std::string text;
        std::size_t lines = 0;
        std::size_t unfit = 0;
        for (const SeriesBlock& block : blocks) {
            const Result<influx::SeriesPlace> place =
                influx::place_of(block.key, block.step, wire_.options().source);
            if (place) {
                lines += influx::append_lines(text, *place, block);
            } else {
                unfit += block.values.size();
            }
        }
        hand_over(text, lines, unfit);
    }
    void give(const std::vector<Measurement>& measurements) override {
        std::string text;
        std::size_t lines = 0;
        std::size_t unfit = 0;
        for (const Measurement& measurement : measurements) {
            Measurement checked = measurement;
            if (check(checked)) {
                influx::append_line(text, checked, wire_.options().source);
                ++lines;
            } else {
                ++unfit;
            }
        }
        hand_over(text, lines, unfit);
    }
    [[nodiscard]] SinkCounts counts() const override {
        const std::lock_guard lock(mutex_);
        SinkCounts counts = queue_.counts();
        counts.given += unfit_;
        counts.rejected += unfit_;
        return counts;
    }
    bool drain(milliseconds longest) override {
        std::unique_lock lock(mutex_);
        is_urgent_ = true;
        wake_.notify_all();
        const bool is_empty =
            answered_.wait_for(lock, longest, [this] { return queue_.counts().queued == 0; });
        is_urgent_ = false;
        return is_empty;
    }

  private:
    void hand_over(const std::string& text, std::size_t lines, std::size_t unfit) {
        {
            const std::lock_guard lock(mutex_);
            unfit_ += unfit;
            queue_.give(text, lines, steady_now());
        }
        wake_.notify_one();
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (!is_stopping_) {
            std::optional<influx::Batch> batch = queue_.take(steady_now(), is_urgent_);
            if (!batch) {
                const SteadyTime longest = steady_now() + longest_sleep;
                wake_.wait_until(lock, std::min(queue_.next_time().value_or(longest), longest));
                continue;
            }
            lock.unlock();
            const influx::Answer answer = send(*batch);
            lock.lock();
            const bool was_away = queue_.counts().is_away;
            queue_.answered(answer, steady_now());
            answered_.notify_all();
            const bool is_away = queue_.counts().is_away;
            lock.unlock();
            tell(answer, was_away, is_away);
            lock.lock();
        }
    }

    influx::Answer send(const influx::Batch& batch) {
        Result<net::ClientRequest> request = wire_.write(batch.text);
        if (!request) {
            return {.kind = influx::Answer::Kind::rejected, .fault = request.error().message};
        }
        const Result<net::ClientResponse> response = client_.send_wait(net::ClientRequest(*request));
        if (!wire_.is_v2() && influx::is_database_missing(response) && make_database()) {
            return influx::answer_of(client_.send_wait(std::move(*request)));
        }
        return influx::answer_of(response);
    }

    bool make_database() {
        const Result<net::ClientResponse> made = client_.send_wait(
            wire_.query("CREATE DATABASE " + influx::quoted_name(wire_.options().database)));
        const bool is_made = made && made->status == 200;
        log::info("InfluxDB has no such database",
                  {{"database", wire_.options().database}, {"is_made", is_made}});
        return is_made;
    }

    void tell(const influx::Answer& answer, bool was_away, bool is_away) {
        if (is_away && !was_away) {
            log::error("InfluxDB takes no lines; they wait", {{"error", answer.fault}});
        } else if (was_away && !is_away) {
            log::info("InfluxDB takes lines again", {});
        }
        if (answer.kind != influx::Answer::Kind::later && !answer.fault.empty()) {
            log::warn("InfluxDB refused lines", {{"lines", static_cast<std::int64_t>(answer.rejected)},
                                                 {"line", static_cast<std::int64_t>(answer.bad_line)},
                                                 {"error", answer.fault}});
        }
    }

    influx::Wire wire_;
    net::HttpClient client_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable answered_;
    influx::Queue queue_;
    std::uint64_t unfit_ = 0;
    bool is_urgent_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<SeriesSink>> make_influx_sink(InfluxOptions options) {
    Result<influx::Wire> wire = influx::Wire::make(std::move(options));
    if (!wire) {
        return wire.error();
    }
    return std::unique_ptr<SeriesSink>(std::make_unique<InfluxSink>(std::move(*wire)));
}

}  // namespace headroom::store
