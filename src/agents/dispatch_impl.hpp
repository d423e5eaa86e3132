#pragma once

// Inside of DispatchAgent: its state and steps. Not for other agents.

#include "agents/dispatch.hpp"
#include "agents/dispatch_counters.hpp"
#include "agents/dispatch_entries.hpp"
#include "dispatch/state_machine.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace headroom::agents {

using dispatch::Instruction;
using dispatch::InstructionState;
using dispatch::guard::GuardAnswer;
using dispatch::guard::GuardQuestion;

/// Applies an event that we ourselves have brought about: that it fits is ours to guarantee.
void advance(Instruction& instruction, const dispatch::Event& event, UtcTime now);

class DispatchAgent::Impl {
  public:
    Impl(Parts parts, DispatchOptions options)
        : parts_(std::move(parts)), options_(std::move(options)), rules_(kept_rules(options_.guard)) {
        dispatch::Channel::Handlers handlers;
        handlers.on_ack = [this](const dispatch::Ack& ack) { take(ack); };
        handlers.on_measurement = [this](const dispatch::DeviceMeasurement& measurement) {
            if (on_measurement_) {
                on_measurement_(measurement);
            }
        };
        parts_.channel.set_handlers(std::move(handlers));
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { parts_.channel.set_handlers({}); }

    Awaitable<Result<std::vector<DispatchOutcome>>> instruct(std::vector<DispatchOrder> orders);

    Awaitable<Result<std::vector<DispatchOutcome>>> release(const EventId& event,
                                                            std::vector<DispatchOrder> orders);

    Awaitable<Result<std::vector<DispatchOutcome>>> recover();

    void set_stop(const std::string& area, bool stopped);
    [[nodiscard]] const std::set<std::string>& stopped_areas() const { return stopped_; }
    [[nodiscard]] bool is_stopped(const std::string& area) const {
        return stopped_.contains("") || stopped_.contains(area);
    }
    void on_measurement(std::function<void(dispatch::DeviceMeasurement)> handler) {
        on_measurement_ = std::move(handler);
    }

  private:
    /// What is to be sent, how it was judged, and what is to be written down before.
    struct Batch {
        std::vector<DispatchOutcome> outcomes;  ///< one per order
        std::vector<GuardQuestion> questions;   ///< parallel
        std::vector<std::size_t> accepted;      ///< by index
        std::vector<audit::Draft> drafts;
    };

    /// A coroutine that waits for a device's answer.
    struct Waiting {
        std::string der;
        Slot<dispatch::Ack>* slot = nullptr;
        std::optional<dispatch::Ack> missed;  ///< came between two slots
    };

    /// A number for this process, higher than that of any before it.
    Awaitable<Result<std::uint64_t>> own_fence();

    /// The guard's rules in a blob, before the first entry that names it.
    Awaitable<Result<void>> keep_rules();

    Batch prepare(std::vector<DispatchOrder> orders, std::uint64_t fence);

    void complete(Instruction& instruction, UtcTime now, std::uint64_t fence);

    [[nodiscard]] bool is_stopped_for(const GuardQuestion& question) const {
        return is_stopped(question.feeder) ||
               (!question.substation.empty() && is_stopped(question.substation));
    }

    void note_all(std::vector<audit::Draft> drafts);

    /// Sends what was accepted, side by side; outcomes keep the order of the batch.
    Awaitable<std::vector<DispatchOutcome>> send_all(Batch batch);

    /// One instruction from its durable intent to its end: sent, sent once more half-way, answered or timed
    /// out.
    Awaitable<DispatchOutcome> deliver(GuardQuestion question);

    /// Hands the instruction to the transport and waits for the device until `until`.
    Awaitable<std::optional<dispatch::Ack>> send_and_wait(DispatchOutcome& outcome, Waiting& waiting,
                                                          UtcTime until);

    void give_up(DispatchOutcome& outcome);

    void cancel(DispatchOutcome& outcome, const std::string& why);

    void remember_late(const Instruction& instruction);

    /// An answer from a device, over the channel.
    void take(const dispatch::Ack& ack);

    static Result<Instruction> parse(const store::Record& record);

    /// Stops as they stood, and today's starts per DER: a restart must not forget either.
    Awaitable<Result<void>> restore_standing();

    /// An instruction that a former process has not seen the end of.
    void resume(Instruction instruction, std::vector<DispatchOutcome>& outcomes,
                std::vector<Awaitable<DispatchOutcome>>& work);

    Parts parts_;
    DispatchOptions options_;
    KeptRules rules_;
    bool are_rules_kept_ = false;
    DispatchCounters counters_;
    std::optional<std::uint64_t> fence_;
    std::uint64_t made_ = 0;
    std::set<std::string> ids_;  // given to instructions of late
    std::set<std::string> stopped_;
    std::map<std::string, Waiting*> waiting_;       // by instruction id
    std::map<std::string, Instruction> timed_out_;  // by instruction id
    std::function<void(dispatch::DeviceMeasurement)> on_measurement_;
};

}  // namespace headroom::agents
