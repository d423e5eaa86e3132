#include "bus/bus.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace headroom::bus {
namespace {

/// A coroutine that waits until somebody calls `wake`. Lives in the coroutine's own frame, so that it dies
/// with it; `list` is where others find it meanwhile.
class Waiter {
  public:
    Waiter(const asio::any_io_executor& executor, std::list<Waiter*>& list)
        : timer_(executor, asio::steady_timer::time_point::max()),
          list_(list),
          place_(list.insert(list.end(), this)) {}
    ~Waiter() { list_.erase(place_); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    void wake() {
        is_woken_ = true;
        timer_.cancel();
    }
    Awaitable<void> wait() {
        while (!is_woken_) {
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await timer_.async_wait(token);
        }
    }

    Message message;            // of a publisher
    bool is_published = false;  // it was taken when there was room

  private:
    asio::steady_timer timer_;
    std::list<Waiter*>& list_;
    std::list<Waiter*>::iterator place_;
    bool is_woken_ = false;
};

struct Reader {
    std::list<Waiter*> waiting;
    bool is_gone = false;  // its subscription was destroyed
};

/// How far a group is on one partition: messages before `done` are finished, those before `delivered` are
/// with the owner.
struct Progress {
    std::uint64_t done = 0;
    std::uint64_t delivered = 0;
    Reader* owner = nullptr;
    [[nodiscard]] bool is_drained() const { return done == delivered; }
};

struct Group {
    std::vector<Reader*> readers;  // in the order they came
    std::vector<Progress> partitions;

    /// Who should read the partition; nobody while the group has no reader.
    [[nodiscard]] Reader* heir(std::size_t partition) const {
        return readers.empty() ? nullptr : readers[partition % readers.size()];
    }
    /// Hands partitions over. One with messages still out stays with its owner until they are done, and gets
    /// no new ones: two readers never hold messages of one key.
    void share_out() {
        for (std::size_t i = 0; i < partitions.size(); ++i) {
            if (partitions[i].owner == nullptr || partitions[i].is_drained()) {
                partitions[i].owner = heir(i);
            }
        }
    }
    void wake_all() const {
        for (const Reader* reader : readers) {
            for (Waiter* waiter : reader->waiting) {
                waiter->wake();
            }
        }
    }
};

struct Stored {
    Message message;
    std::uint64_t sequence = 0;  // the topic's order over all partitions
};

struct Partition {
    std::deque<Stored> kept;  // from the first message that some group has not done
    std::uint64_t next_offset = 0;
    [[nodiscard]] std::uint64_t first_offset() const { return next_offset - kept.size(); }
    [[nodiscard]] const Stored& at(std::uint64_t offset) const {
        return kept[static_cast<std::size_t>(offset - first_offset())];
    }
};

struct Topic {
    std::vector<Partition> partitions;
    std::map<std::string, Group> groups;
    std::list<Waiter*> publishers;  // waiting, first come first served
    std::size_t kept = 0;           // over all partitions
    std::uint64_t next_sequence = 0;
};

/// All state, shared by the bus and its subscriptions; touched by coroutines of one executor only.
struct State {
    asio::any_io_executor executor;
    InProcessBusOptions options;
    std::map<std::string, Topic> topics;
    bool is_closed = false;

    Topic& topic(const std::string& name) {
        Topic& found = topics[name];
        found.partitions.resize(static_cast<std::size_t>(options.partitions));
        return found;
    }

    void append(Topic& topic, Message message) const {
        if (topic.groups.empty()) {
            return;  // nobody will ever see it
        }
        const std::size_t index = Random::key(message.key) % topic.partitions.size();
        Partition& partition = topic.partitions[index];
        message.partition = static_cast<int>(index);
        message.offset = partition.next_offset;
        ++partition.next_offset;
        partition.kept.push_back({std::move(message), topic.next_sequence});
        ++topic.next_sequence;
        ++topic.kept;
        for (const auto& [name, group] : topic.groups) {
            group.wake_all();
        }
    }

    /// Forgets what every group has done and lets publishers in.
    void make_room(Topic& topic) const {
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            Partition& partition = topic.partitions[i];
            std::uint64_t done = partition.next_offset;
            for (const auto& [name, group] : topic.groups) {
                done = std::min(done, group.partitions[i].done);
            }
            while (!partition.kept.empty() && partition.kept.front().message.offset < done) {
                partition.kept.pop_front();
                --topic.kept;
            }
        }
        for (Waiter* publisher : topic.publishers) {
            if (topic.kept >= options.capacity) {
                break;
            }
            if (!publisher->is_published) {
                publisher->is_published = true;
                append(topic, std::move(publisher->message));
                publisher->wake();
            }
        }
    }

    void leave(Topic& topic, Group& group, Reader& reader) const {
        reader.is_gone = true;
        std::erase(group.readers, &reader);
        for (Progress& progress : group.partitions) {
            if (progress.owner == &reader) {
                progress.owner = nullptr;
                progress.delivered = progress.done;  // seen again by whoever reads next
            }
        }
        group.share_out();
        group.wake_all();
        make_room(topic);
    }
};

Error closed_error() {
    return Error{Errc::unavailable, "the bus is closed"};
}

class InProcessSubscription final : public Subscription {
  public:
    InProcessSubscription(std::shared_ptr<State> state, std::string topic, std::string group)
        : state_(std::move(state)),
          topic_(std::move(topic)),
          group_(std::move(group)),
          reader_(std::make_shared<Reader>()) {
        Topic& topic_state = state_->topic(topic_);
        const auto [found, is_new] = topic_state.groups.try_emplace(group_);
        Group& group_state = found->second;
        if (is_new) {
            for (const Partition& partition : topic_state.partitions) {
                group_state.partitions.push_back(
                    {.done = partition.next_offset, .delivered = partition.next_offset});
            }
        }
        group_state.readers.push_back(reader_.get());
        group_state.share_out();
    }
    ~InProcessSubscription() override {
        Topic& topic_state = state_->topic(topic_);
        state_->leave(topic_state, topic_state.groups.at(group_), *reader_);
        for (Waiter* waiter : reader_->waiting) {
            waiter->wake();
        }
    }
    InProcessSubscription(const InProcessSubscription&) = delete;
    InProcessSubscription& operator=(const InProcessSubscription&) = delete;

    Awaitable<Result<std::vector<Message>>> next(std::size_t max) override {
        return next_of(state_, reader_, topic_, group_, max);
    }

    Awaitable<Result<void>> done(const Message& last) override { co_return acknowledge(last); }

  private:
    /// Holds what it needs by value: the subscription may be destroyed while this waits.
    static Awaitable<Result<std::vector<Message>>> next_of(std::shared_ptr<State> state,
                                                           std::shared_ptr<Reader> reader,
                                                           std::string topic_name, std::string group_name,
                                                           std::size_t max) {
        if (max == 0) {
            co_return Error{Errc::invalid, "no messages were asked for on topic " + topic_name};
        }
        while (true) {
            if (state->is_closed || reader->is_gone) {
                co_return std::vector<Message>{};
            }
            Topic& topic = state->topic(topic_name);
            std::vector<Message> batch = take(topic, topic.groups.at(group_name), *reader, max);
            if (!batch.empty()) {
                co_return batch;
            }
            Waiter waiter(state->executor, reader->waiting);
            co_await waiter.wait();
        }
    }

    /// Messages of one of the reader's partitions, of the one with the oldest.
    static std::vector<Message> take(const Topic& topic, Group& group, const Reader& reader,
                                     std::size_t max) {
        Progress* progress = nullptr;
        const Partition* partition = nullptr;
        for (std::size_t i = 0; i < group.partitions.size(); ++i) {
            Progress& candidate = group.partitions[i];
            const Partition& held = topic.partitions[i];
            const bool may_read = candidate.owner == &reader && group.heir(i) == &reader;
            if (!may_read || candidate.delivered == held.next_offset) {
                continue;
            }
            if (progress == nullptr ||
                held.at(candidate.delivered).sequence < partition->at(progress->delivered).sequence) {
                progress = &candidate;
                partition = &held;
            }
        }
        std::vector<Message> batch;
        while (progress != nullptr && batch.size() < max && progress->delivered < partition->next_offset) {
            batch.push_back(partition->at(progress->delivered).message);
            ++progress->delivered;
        }
        return batch;
    }

    Result<void> acknowledge(const Message& last) {
        if (state_->is_closed) {
            return closed_error();
        }
        Topic& topic = state_->topic(topic_);
        Group& group = topic.groups.at(group_);
        const std::string name = "message " + std::to_string(last.partition) + "/" +
                                 std::to_string(last.offset) + " of topic " + last.topic;
        if (last.topic != topic_ || last.partition < 0 ||
            static_cast<std::size_t>(last.partition) >= group.partitions.size()) {
            return Error{Errc::invalid, name + " did not come from topic " + topic_};
        }
        Progress& progress = group.partitions[static_cast<std::size_t>(last.partition)];
        if (last.offset < progress.done) {
            return {};  // done before
        }
        if (progress.owner != reader_.get()) {
            return Error{Errc::conflict, name + " is with another reader of group " + group_};
        }
        if (last.offset >= progress.delivered) {
            return Error{Errc::invalid, name + " was not delivered to group " + group_};
        }
        progress.done = last.offset + 1;
        if (progress.is_drained() && group.heir(static_cast<std::size_t>(last.partition)) != progress.owner) {
            group.share_out();
            group.wake_all();
        }
        state_->make_room(topic);
        return {};
    }

    std::shared_ptr<State> state_;
    std::string topic_;
    std::string group_;
    std::shared_ptr<Reader> reader_;
};

class InProcessBus final : public Bus {
  public:
    InProcessBus(asio::any_io_executor executor, InProcessBusOptions options)
        : state_(std::make_shared<State>(State{std::move(executor), options, {}, false})) {
        HEADROOM_ASSERT(options.capacity > 0 && options.partitions > 0);
    }
    ~InProcessBus() override { close(); }
    InProcessBus(const InProcessBus&) = delete;
    InProcessBus& operator=(const InProcessBus&) = delete;

    Awaitable<Result<void>> publish(Message message) override {
        return publish_to(state_, std::move(message));
    }

    std::unique_ptr<Subscription> subscribe(std::string topic, std::string group) override {
        return std::make_unique<InProcessSubscription>(state_, std::move(topic), std::move(group));
    }

    void close() override {
        if (std::exchange(state_->is_closed, true)) {
            return;
        }
        for (const auto& [name, topic] : state_->topics) {
            for (const auto& [group_name, group] : topic.groups) {
                group.wake_all();
            }
            for (Waiter* publisher : topic.publishers) {
                publisher->wake();
            }
        }
    }

  private:
    /// Holds what it needs by value: the bus may be destroyed while this waits.
    static Awaitable<Result<void>> publish_to(std::shared_ptr<State> state, Message message) {
        if (message.topic.empty()) {
            co_return Error{Errc::invalid, "a message needs a topic"};
        }
        if (state->is_closed) {
            co_return closed_error();
        }
        Topic& topic = state->topic(message.topic);
        // Room means that nobody waits for it: `make_room` gives it away at once.
        if (topic.kept < state->options.capacity) {
            state->append(topic, std::move(message));
            co_return Result<void>{};
        }
        Waiter waiter(state->executor, topic.publishers);
        waiter.message = std::move(message);
        co_await waiter.wait();
        co_return waiter.is_published ? Result<void>{} : Result<void>(closed_error());
    }

    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Bus> make_in_process_bus(asio::any_io_executor executor, InProcessBusOptions options) {
    return std::make_unique<InProcessBus>(std::move(executor), options);
}

}  // namespace headroom::bus
