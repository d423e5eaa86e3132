#pragma once

#include "agents/dispatch.hpp"
#include "audit/blob_store.hpp"
#include "audit/log.hpp"
#include "dispatch/channel.hpp"
#include "store/records.hpp"
#include "unit/agents/instants.hpp"
#include "unit/agents/stores.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents::test {

/// A transport and the devices behind it, scripted by the test.
class FakeChannel final : public dispatch::Channel {
  public:
    explicit FakeChannel(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// What the transport answers to a send; by default it takes everything.
    std::function<Result<void>(const dispatch::Instruction&)> on_send = [](const auto&) {
        return Result<void>{};
    };
    /// What the device answers a moment later; by default it accepts.
    std::function<std::optional<dispatch::Ack>(const dispatch::Instruction&)> on_order = accept;
    std::vector<dispatch::Instruction> sent;

    static std::optional<dispatch::Ack> accept(const dispatch::Instruction& order) {
        return dispatch::Ack{order.id, order.der, dispatch::AckResult::accepted, "", order.start};
    }
    static std::optional<dispatch::Ack> silence(const dispatch::Instruction&) { return std::nullopt; }

    void answer(const dispatch::Ack& ack) {
        if (handlers_.on_ack) {
            handlers_.on_ack(ack);
        }
    }
    [[nodiscard]] const Handlers& handlers() const { return handlers_; }

    Awaitable<Result<void>> send(const dispatch::Instruction& instruction) override {
        sent.push_back(instruction);
        const Result<void> taken = on_send(instruction);
        if (taken) {
            if (std::optional<dispatch::Ack> ack = on_order(instruction)) {
                asio::post(executor_, [this, ack = std::move(*ack)] { answer(ack); });
            }
        }
        co_return taken;
    }
    void set_handlers(Handlers handlers) override { handlers_ = std::move(handlers); }
    [[nodiscard]] bool is_connected() const override { return true; }
    [[nodiscard]] std::string name() const override { return "fake"; }

  private:
    asio::any_io_executor executor_;
    Handlers handlers_;
};

/// A controller with its log and records in a folder, and a dispatch agent on a virtual clock.
class DispatchWorld {
  public:
    /// `files`: what the log does on its disk, when a test lets some of it fail.
    explicit DispatchWorld(const Folder& folder, DispatchOptions options = {}, UtcTime start = evening,
                           audit::FileOps* files = nullptr)
        : clock(start), wall(start), channel(context.get_executor()) {
        std::string seed(32, '\7');
        audit::LogOptions log_options{.dir = folder.path() / "audit",
                                      .origin = "test.example/audit",
                                      .key = Ed25519KeyPair::from_secret(seed).value(),
                                      .wall_clock = wall};
        log_options.reserve_bytes = 1UL << 16U;
        log_options.allocate_step = 1UL << 18U;
        log_options.files = files;
        log = audit::Log::open(std::move(log_options)).value();
        blobs = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder.path() / "blobs").value());
        records =
            std::make_unique<RecordStore>(store::open_sqlite_records(folder.path() / "records.db").value());
        journal = std::make_unique<Journal>(context.get_executor(), *log, *blobs, *records);
        agent = std::make_unique<DispatchAgent>(
            DispatchAgent::Parts{context.get_executor(), clock, wall, in_flight, *journal, channel}, options);
    }
    DispatchWorld(const DispatchWorld&) = delete;
    DispatchWorld& operator=(const DispatchWorld&) = delete;
    ~DispatchWorld() { settle(); }

    /// Runs what can run without the clock moving.
    void settle() {
        for (;;) {
            const bool was_idle = journal->idle() && records->idle();
            context.restart();
            const std::size_t ran = context.poll();
            if (ran == 0 && was_idle && journal->idle() && records->idle()) {
                return;
            }
            if (ran == 0) {
                context.run_one_for(std::chrono::milliseconds{1});
            }
        }
    }
    void advance(milliseconds by) {
        const UtcTime to = clock.now() + by;
        while (clock.next_timer() <= to) {
            clock.advance_to(std::max(clock.now(), clock.next_timer()));
            settle();
        }
        clock.advance_to(to);
        wall.set(to);
        settle();
    }

    using Outcomes = Result<std::vector<DispatchOutcome>>;
    /// Starts the coroutine and answers where its result will stand.
    std::shared_ptr<std::optional<Outcomes>> start(Awaitable<Outcomes> work) {
        auto result = std::make_shared<std::optional<Outcomes>>();
        spawn(context.get_executor(), keep(std::move(work), result));
        settle();
        return result;
    }
    std::vector<DispatchOutcome> instruct(std::vector<DispatchOrder> orders) {
        const auto result = start(agent->instruct(std::move(orders)));
        EXPECT_TRUE(result->has_value()) << "still waiting";
        return result->has_value() && (*result)->has_value() ? (*result)->value()
                                                             : std::vector<DispatchOutcome>{};
    }

    /// The types of all entries since the log's own first one.
    [[nodiscard]] std::vector<std::string> entry_types(std::uint64_t from = 1) const {
        std::vector<std::string> types;
        for (std::uint64_t seq = from; seq < log->durable_size(); ++seq) {
            const std::string type = log->read(seq).value().type;
            if (type != "clock.tick" && type != "log.open" && type != "log.seal") {
                types.push_back(type);
            }
        }
        return types;
    }
    [[nodiscard]] audit::Entry last_entry(std::string_view type) const {
        for (std::uint64_t seq = log->durable_size(); seq-- > 0;) {
            audit::Entry entry = log->read(seq).value();
            if (entry.type == type) {
                return entry;
            }
        }
        ADD_FAILURE() << "no entry of type " << type;
        return {};
    }
    [[nodiscard]] std::string record_state(const InstructionId& id) {
        settle();
        const Result<store::Record> record = records->direct().get("instruction", id.value);
        return record ? record->state : "";
    }

    asio::io_context context;
    VirtualClock clock;
    ManualWallClock wall;
    InFlight in_flight;
    FakeChannel channel;
    std::unique_ptr<audit::Log> log;
    std::unique_ptr<audit::BlobStore> blobs;
    std::unique_ptr<RecordStore> records;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<DispatchAgent> agent;

  private:
    static Awaitable<void> keep(Awaitable<Outcomes> work, std::shared_ptr<std::optional<Outcomes>> result) {
        Outcomes outcomes = co_await std::move(work);
        result->emplace(std::move(outcomes));
    }
};

/// A turn-down of 100 kW for ten minutes by `der` on LV-017.
inline DispatchOrder order(const std::string& der, std::int64_t change_w = 100'000, UtcTime start = evening) {
    DispatchOrder made;
    made.instruction.event = EventId{"ev-20270114-abcdefgh"};
    made.instruction.der = der;
    made.instruction.transaction = "T-1";
    made.instruction.value = Watts{-change_w};
    made.instruction.change = Watts{change_w};
    made.instruction.start = start;
    made.instruction.expires = start + minutes{10};
    made.guard.feeder = "LV-017";
    made.guard.substation = "S-1";
    made.guard.der_power_max = Watts{1'000'000};
    return made;
}

}  // namespace headroom::agents::test
