#include "bus/bus.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace headroom::bus {
namespace {

/// FNV-1a: the same key is on the same partition in every run.
std::uint32_t hash_of(const std::string& key) {
    std::uint32_t hash = 2166136261U;
    for (const char c : key) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

/// Coroutines that wait for something to change; all are woken, each looks for itself.
class Waiters {
  public:
    explicit Waiters(asio::any_io_executor executor) : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}
    Awaitable<void> wait() {
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await timer_.async_wait(token);
    }
    void wake() { timer_.cancel(); }

  private:
    asio::steady_timer timer_;
};

/// One group's view of one partition: what is still to be given, and what was given but is not done.
struct Cursor {
    std::uint64_t next = 0;    ///< offset of the next message to give
    std::uint64_t done = 0;    ///< every message before is done
    const void* reader = nullptr;  ///< the subscription that holds the partition while something given is not done
};

struct Partition {
    std::deque<Message> messages;
    std::uint64_t first = 0;  ///< offset of messages.front()
    [[nodiscard]] std::uint64_t end() const { return first + messages.size(); }
};

struct Topic {
    std::vector<Partition> partitions;
    std::map<std::string, std::vector<Cursor>> groups;
    [[nodiscard]] std::size_t size() const {
        std::size_t count = 0;
        for (const Partition& partition : partitions) {
            count += partition.messages.size();
        }
        return count;
    }
};

struct State {
    State(asio::any_io_executor executor, InProcessBusOptions given)
        : options(given), arrived(executor), room(std::move(executor)) {}

    InProcessBusOptions options;
    Waiters arrived;
    Waiters room;
    std::map<std::string, Topic> topics;
    bool closed = false;

    Topic& topic(const std::string& name) {
        Topic& found = topics[name];
        if (found.partitions.empty()) {
            found.partitions.resize(static_cast<std::size_t>(std::max(1, options.partitions)));
        }
        return found;
    }

    /// Drops what every group has done; without groups nothing is kept, since a group sees what comes after its first subscription.
    void trim(Topic& topic) {
        bool freed = false;
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            Partition& partition = topic.partitions[i];
            std::uint64_t keep_from = partition.end();
            for (const auto& [name, cursors] : topic.groups) {
                keep_from = std::min(keep_from, cursors[i].done);
            }
            while (partition.first < keep_from) {
                partition.messages.pop_front();
                partition.first += 1;
                freed = true;
            }
        }
        if (freed) {
            room.wake();
        }
    }
};

Error closed_error() { return {Errc::unavailable, "the bus is closed"}; }

class InProcessSubscription final : public Subscription {
  public:
    InProcessSubscription(std::shared_ptr<State> state, std::string topic, std::string group)
        : state_(std::move(state)), topic_(std::move(topic)), group_(std::move(group)) {
        Topic& topic_state = state_->topic(topic_);
        auto [cursors, is_new] = topic_state.groups.try_emplace(group_);
        if (is_new) {
            for (const Partition& partition : topic_state.partitions) {
                cursors->second.push_back({.next = partition.end(), .done = partition.end()});
            }
        }
    }
    InProcessSubscription(const InProcessSubscription&) = delete;
    InProcessSubscription& operator=(const InProcessSubscription&) = delete;

    ~InProcessSubscription() override {
        for (Cursor& cursor : cursors()) {
            if (cursor.reader == this) {
                cursor.next = cursor.done;  // what was not done is given again, to whoever asks
                cursor.reader = nullptr;
            }
        }
        state_->arrived.wake();
    }

    Awaitable<Result<std::vector<Message>>> next(std::size_t max) override {
        HEADROOM_ASSERT(max > 0);
        for (;;) {
            if (state_->closed) {
                co_return std::vector<Message>{};
            }
            std::vector<Message> batch = take(max);
            if (!batch.empty()) {
                co_return batch;
            }
            co_await state_->arrived.wait();
        }
    }

    Awaitable<Result<void>> done(const Message& last) override {
        if (state_->closed) {
            co_return closed_error();
        }
        std::vector<Cursor>& all = cursors();
        if (last.topic != topic_ || last.partition < 0 || static_cast<std::size_t>(last.partition) >= all.size()) {
            co_return Error{Errc::invalid, "message " + std::to_string(last.offset) + " of topic " + last.topic +
                                               " was not given by this subscription to " + topic_};
        }
        Cursor& cursor = all[static_cast<std::size_t>(last.partition)];
        if (cursor.reader != this || last.offset >= cursor.next) {
            co_return Error{Errc::conflict, "message " + std::to_string(last.offset) + " is no longer with this subscription"};
        }
        cursor.done = std::max(cursor.done, last.offset + 1);
        if (cursor.done == cursor.next) {
            cursor.reader = nullptr;
            state_->arrived.wake();
        }
        state_->trim(state_->topic(topic_));
        co_return Result<void>{};
    }

  private:
    std::vector<Cursor>& cursors() { return state_->topic(topic_).groups.at(group_); }

    /// A partition is read by one subscription of a group at a time, so that the order per key holds among several readers.
    std::vector<Message> take(std::size_t max) {
        std::vector<Message> batch;
        Topic& topic_state = state_->topic(topic_);
        std::vector<Cursor>& all = cursors();
        for (std::size_t i = 0; i < all.size() && batch.size() < max; ++i) {
            Cursor& cursor = all[i];
            const Partition& partition = topic_state.partitions[i];
            if (cursor.reader != nullptr && cursor.reader != this) {
                continue;
            }
            while (cursor.next < partition.end() && batch.size() < max) {
                batch.push_back(partition.messages[static_cast<std::size_t>(cursor.next - partition.first)]);
                cursor.next += 1;
                cursor.reader = this;
            }
        }
        return batch;
    }

    std::shared_ptr<State> state_;
    std::string topic_;
    std::string group_;
};

class InProcessBus final : public Bus {
  public:
    InProcessBus(asio::any_io_executor executor, InProcessBusOptions options)
        : state_(std::make_shared<State>(std::move(executor), options)) {}

    Awaitable<Result<void>> publish(Message message) override {
        const std::shared_ptr<State> state = state_;
        while (!state->closed && state->topic(message.topic).size() >= state->options.capacity) {
            co_await state->room.wait();
        }
        if (state->closed) {
            co_return closed_error();
        }
        Topic& topic = state->topic(message.topic);
        const std::size_t index = hash_of(message.key) % topic.partitions.size();
        Partition& partition = topic.partitions[index];
        message.partition = static_cast<int>(index);
        message.offset = partition.end();
        partition.messages.push_back(std::move(message));
        state->trim(topic);
        state->arrived.wake();
        co_return Result<void>{};
    }

    std::unique_ptr<Subscription> subscribe(std::string topic, std::string group) override {
        return std::make_unique<InProcessSubscription>(state_, std::move(topic), std::move(group));
    }

    void close() override {
        state_->closed = true;
        state_->arrived.wake();
        state_->room.wake();
    }

  private:
    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Bus> make_in_process_bus(asio::any_io_executor executor, InProcessBusOptions options) {
    return std::make_unique<InProcessBus>(std::move(executor), options);
}

}  // namespace headroom::bus
