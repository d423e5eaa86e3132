#include "agents/sources/iec104_source.hpp"

#include "core/log.hpp"
#include "net/thread_signals.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace headroom::agents {
namespace {

/// One station and its connection. Lives on the source's thread, but for `status`.
class StationReader {
  public:
    StationReader(asio::any_io_executor executor, const Iec104Source::Parts& parts, Iec104Station station)
        : parts_(parts),
          station_(std::move(station)),
          rules_{.source = parts.registry.intern_source(station_.id),
                 .utc_offset = station_.utc_offset,
                 .untimed = station_.untimed} {
        status_.station = station_.id;
        station_.link.rules.common_addresses = station_.mapping.common_addresses();
        client_.emplace(
            std::move(executor), station_.link,
            net::Iec104Events{
                .asdu = [this](const net::iec104::Asdu& asdu) { take(asdu); },
                .refused = [this](const net::iec104::AsduHeader& header,
                                  const Error& error) { refuse(header, error); },
                .batch_end = [this] { hand_on(); },
                .state = [this](bool is_running, const std::string& why) { tell(is_running, why); },
                .interrogated = [this](bool is_ended,
                                       const std::string& why) { interrogated(is_ended, why); }});
    }

    void start() { client_->start(); }
    void stop() { client_->stop(); }
    [[nodiscard]] Iec104Status status() const {
        const std::lock_guard lock(mutex_);
        return status_;
    }

  private:
    void take(const net::iec104::Asdu& asdu) {
        const UtcTime now = parts_.now();
        read_iec104(asdu, station_.mapping, rules_, now, readings_, report_, counts_);
        read_switches(asdu, station_.id, station_.mapping, rules_, now, switches_, counts_);
        ++asdus_;
    }

    void refuse(const net::iec104::AsduHeader& header, const Error& error) {
        const bool is_unsupported = error.code == Errc::unsupported;
        const std::lock_guard lock(mutex_);
        std::uint64_t& count = is_unsupported ? status_.unsupported_asdus : status_.invalid_asdus;
        if (++count == 1) {  // the others are only counted
            log::warn(
                "a station sent what cannot be read",
                {{"station", station_.id}, {"type", std::int64_t{header.type}}, {"why", error.message}});
        }
    }

    /// What has arrived together goes on together.
    void hand_on() {
        if (!readings_.empty()) {
            parts_.ingest(readings_);
            readings_.clear();
        }
        if (!switches_.empty() && parts_.switched) {
            parts_.switched(std::move(switches_));
        }
        switches_.clear();
        if (report_.quarantined_total() > 0) {
            parts_.refused(rules_.source, report_);
            report_ = {};
        }
        const std::lock_guard lock(mutex_);
        status_.counts = counts_;
        status_.asdus = asdus_;
    }

    void tell(bool is_running, const std::string& why) {
        const std::lock_guard lock(mutex_);
        status_.is_running = is_running;
        if (is_running) {
            status_.connections += 1;
            log::info("a station sends", {{"station", station_.id}});
        } else if (why != status_.why) {  // a station that stays away is told once
            log::warn("no connection to a station", {{"station", station_.id}, {"why", why}});
        }
        status_.why = why;
    }

    void interrogated(bool is_ended, const std::string& why) {
        const std::lock_guard lock(mutex_);
        (is_ended ? status_.interrogations_ended : status_.interrogations_failed) += 1;
        if (!is_ended) {
            log::warn("a general interrogation failed", {{"station", station_.id}, {"why", why}});
        }
    }

    const Iec104Source::Parts& parts_;
    Iec104Station station_;
    Iec104Rules rules_;
    std::vector<telemetry::Reading> readings_;
    std::vector<SwitchReport> switches_;
    telemetry::DecodeReport report_;
    Iec104Counts counts_;
    std::uint64_t asdus_ = 0;
    mutable std::mutex mutex_;  // of the status
    Iec104Status status_;
    std::optional<net::Iec104Client> client_;  // last: it calls back into the rest
};

}  // namespace

class Iec104Source::Impl {
  public:
    Impl(Parts parts, std::vector<Iec104Station> stations)
        : parts_(std::move(parts)), guard_(asio::make_work_guard(context_)) {
        for (Iec104Station& station : stations) {
            readers_.push_back(
                std::make_unique<StationReader>(context_.get_executor(), parts_, std::move(station)));
        }
    }
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void start() {
        HEADROOM_ASSERT(!thread_.joinable());
        asio::post(context_, [this] {
            for (const auto& reader : readers_) {
                reader->start();
            }
        });
        thread_ = std::thread([this] {
            net::block_signals_in_this_thread();
            context_.run();
        });
    }

    void stop() {
        if (!thread_.joinable()) {
            return;
        }
        asio::post(context_, [this] {
            for (const auto& reader : readers_) {
                reader->stop();
            }
            guard_.reset();  // the thread ends when the last connection is closed
        });
        thread_.join();
    }

    [[nodiscard]] std::vector<Iec104Status> status() const {
        std::vector<Iec104Status> all;
        for (const auto& reader : readers_) {
            all.push_back(reader->status());
        }
        return all;
    }

  private:
    Parts parts_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    std::vector<std::unique_ptr<StationReader>> readers_;
    std::thread thread_;
};

Iec104Source::Iec104Source(Parts parts, std::vector<Iec104Station> stations)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(stations))) {}

Iec104Source::~Iec104Source() = default;

void Iec104Source::start() {
    impl_->start();
}

void Iec104Source::stop() {
    impl_->stop();
}

std::vector<Iec104Status> Iec104Source::status() const {
    return impl_->status();
}

}  // namespace headroom::agents
