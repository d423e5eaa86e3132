#include "agents/sources/feeder.hpp"

#include "net/thread_signals.hpp"

#include <utility>

namespace headroom::agents {

void add(monitor::IngestCount& to, const monitor::IngestCount& from) {
    to.accepted += from.accepted;
    to.duplicates += from.duplicates;
    to.conflicts += from.conflicts;
    for (std::size_t i = 0; i < to.quarantined.size(); ++i) {
        to.quarantined[i] += from.quarantined[i];
    }
}

Feeder::~Feeder() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Feeder::feed(std::vector<telemetry::Reading>& readings, SteadyTime received) {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !is_feeding_; });
        feeding_.swap(readings);
        received_ = received;
        is_feeding_ = true;
    }
    readings.clear();
    changed_.notify_all();
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { run(); });
    }
}

monitor::IngestCount Feeder::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_feeding_; });
    return std::exchange(count_, {});
}

void Feeder::run() {
    net::block_signals_in_this_thread();
    net::name_this_thread("feeder");
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return is_feeding_ || is_stopping_; });
        if (!is_feeding_) {
            return;
        }
        lock.unlock();
        const monitor::IngestCount count = ingest_(feeding_, received_);
        lock.lock();
        add(count_, count);
        is_feeding_ = false;
        changed_.notify_all();
    }
}

}  // namespace headroom::agents
