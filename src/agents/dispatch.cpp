#include "agents/dispatch.hpp"

#include "agents/dispatch_impl.hpp"
#include "core/gather.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::agents {

namespace {

constexpr std::size_t late_remembered_max = 1'000;
constexpr std::size_t ids_remembered_max = 100'000;

std::int64_t microseconds_between(SteadyTime from, SteadyTime to) {
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

std::string flight_token(const Instruction& instruction) {
    return "ack/" + instruction.id.value;
}

}  // namespace

void advance(Instruction& instruction, const dispatch::Event& event, UtcTime now) {
    Result<dispatch::Step> next = dispatch::step(std::move(instruction), event, now);
    HEADROOM_ASSERT(next.has_value());
    instruction = std::move(next->instruction);
}

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::Impl::instruct(
    std::vector<DispatchOrder> orders) {
    const Result<std::uint64_t> fence = co_await own_fence();
    if (!fence) {
        co_return fence.error();
    }
    const Result<void> kept = co_await keep_rules();
    if (!kept) {
        co_return Error{Errc::unavailable, "nothing was sent: " + kept.error().message};
    }
    Batch batch = prepare(std::move(orders), *fence);
    if (!batch.accepted.empty()) {
        const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(batch.drafts));
        if (!committed) {
            for (const std::size_t index : batch.accepted) {
                counters_.remove(batch.questions[index]);
            }
            co_return Error{Errc::unavailable, "nothing was sent: " + committed.error().message};
        }
    } else {
        note_all(std::move(batch.drafts));
    }
    co_return co_await send_all(std::move(batch));
}

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::Impl::release(
    const EventId& event, std::vector<DispatchOrder> orders) {
    for (DispatchOrder& order : orders) {
        order.instruction.event = event;
        order.instruction.kind = dispatch::InstructionKind::release;
        order.instruction.value = Watts{};
        order.instruction.change = Watts{};
    }
    // Fail closed to start, never to stop: neither a store nor a log that has gone may hold a release
    // back.
    const Result<std::uint64_t> fence = co_await own_fence();
    if (!fence) {
        log::error("releases go out under the last known fence",
                   {{"event", event.value}, {"why", fence.error().message}});
    }
    Batch batch = prepare(std::move(orders), fence ? *fence : 0);
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(batch.drafts));
    if (!committed) {
        log::error("releases are sent without their intents",
                   {{"event", event.value}, {"why", committed.error().message}});
        for (const std::size_t index : batch.accepted) {
            parts_.journal.note(release_entry(batch.outcomes[index].instruction, committed.error().message));
        }
    }
    co_return co_await send_all(std::move(batch));
}

void DispatchAgent::Impl::set_stop(const std::string& area, bool stopped) {
    if (stopped) {
        stopped_.insert(area);
    } else {
        stopped_.erase(area);
    }
}

DispatchAgent::Impl::Batch DispatchAgent::Impl::prepare(std::vector<DispatchOrder> orders,
                                                        std::uint64_t fence) {
    Batch batch;
    const UtcTime now = parts_.clock.now();
    for (DispatchOrder& order : orders) {
        GuardQuestion question = std::move(order.guard);
        question.instruction = std::move(order.instruction);
        complete(question.instruction, now, fence);
        question.now = now;
        question.stop_all = question.stop_all || is_stopped_for(question);
        counters_.fill(question);
        const GuardAnswer answer = dispatch::guard::check(options_.guard, question);
        DispatchOutcome outcome;
        if (!answer.allowed) {
            advance(question.instruction, dispatch::Cancelled{}, now);
            outcome.detail = answer.rule + ": " + answer.detail;
            batch.drafts.push_back(refused_entry(question, rules_, answer));
            log::error("the guard refused an instruction", {{"event", question.instruction.event.value},
                                                            {"der", question.instruction.der},
                                                            {"rule", answer.rule},
                                                            {"detail", answer.detail}});
        } else {
            advance(question.instruction, dispatch::IntentDurable{}, now);
            counters_.add(question);
            batch.accepted.push_back(batch.outcomes.size());
            batch.drafts.push_back(intent_entry(question, rules_, parts_.channel.name()));
        }
        outcome.instruction = question.instruction;
        batch.outcomes.push_back(std::move(outcome));
        batch.questions.push_back(std::move(question));
    }
    return batch;
}

void DispatchAgent::Impl::complete(Instruction& instruction, UtcTime now, std::uint64_t fence) {
    instruction.state = InstructionState::planned;
    instruction.attempt = 1;
    if (!instruction.id.empty() && !ids_.insert(instruction.id.value).second) {
        // One id is one instruction for ever: a second one must not borrow it.
        log::warn("an instruction came with an id that is taken",
                  {{"order", instruction.id.value}, {"der", instruction.der}});
        instruction.id = {};
    }
    if (instruction.id.empty()) {
        instruction.id = make_instruction_id(now, instruction.event.value + "/" + instruction.der + "/" +
                                                      std::to_string(fence) + "/" + std::to_string(++made_));
    }
    while (ids_.size() > ids_remembered_max) {
        ids_.erase(ids_.begin());  // ULIDs sort by time: the oldest goes
    }
    if (instruction.fence == 0) {
        instruction.fence = fence;
    }
    if (instruction.start == UtcTime{}) {
        instruction.start = now;
    }
    if (instruction.ack_by == UtcTime{}) {
        instruction.ack_by = now + options_.ack_within;
    }
}

void DispatchAgent::Impl::note_all(std::vector<audit::Draft> drafts) {
    for (audit::Draft& draft : drafts) {
        parts_.journal.note(std::move(draft));
    }
}

Awaitable<std::vector<DispatchOutcome>> DispatchAgent::Impl::send_all(Batch batch) {
    if (batch.accepted.size() == 1) {  // the common case needs no second coroutine
        const std::size_t only = batch.accepted.front();
        GuardQuestion question = std::move(batch.questions[only]);
        batch.outcomes[only] = co_await deliver(std::move(question));
        co_return std::move(batch.outcomes);
    }
    std::vector<Awaitable<DispatchOutcome>> work;
    work.reserve(batch.accepted.size());
    for (const std::size_t index : batch.accepted) {
        work.push_back(deliver(std::move(batch.questions[index])));
    }
    std::vector<DispatchOutcome> sent = co_await gather(std::move(work));
    for (std::size_t i = 0; i < sent.size(); ++i) {
        batch.outcomes[batch.accepted[i]] = std::move(sent[i]);
    }
    co_return std::move(batch.outcomes);
}

Awaitable<DispatchOutcome> DispatchAgent::Impl::deliver(GuardQuestion question) {
    DispatchOutcome outcome;
    outcome.instruction = std::move(question.instruction);
    Instruction& instruction = outcome.instruction;
    const bool is_release = instruction.kind == dispatch::InstructionKind::release;
    Waiting waiting;
    waiting.der = instruction.der;
    waiting_[instruction.id.value] = &waiting;
    const UtcTime last = std::min(instruction.ack_by, instruction.expires);
    const SteadyTime began = steady_now();
    std::optional<dispatch::Ack> answer;
    while (!answer && !dispatch::is_final(instruction.state)) {
        if (!is_release && is_stopped_for(question)) {
            cancel(outcome, instruction.attempt == 1 ? "stop-all came into force before it was sent"
                                                     : "stop-all came into force: not sent again");
            break;
        }
        const bool may_repeat = instruction.attempt < dispatch::attempts_max;
        const UtcTime now = parts_.clock.now();
        const UtcTime until = may_repeat && last > now ? now + (last - now) / 2 : last;
        answer = co_await send_and_wait(outcome, waiting, until);
        if (answer || dispatch::is_final(instruction.state)) {
            break;
        }
        if (parts_.clock.now() >= last) {
            give_up(outcome);
        } else if (may_repeat) {
            advance(instruction, dispatch::SentAgain{}, parts_.clock.now());
        }
    }
    waiting_.erase(instruction.id.value);
    parts_.in_flight.end(flight_token(instruction));
    if (answer) {
        outcome.acked = steady_now();
        advance(instruction, dispatch::Acknowledged{answer->result}, parts_.clock.now());
        parts_.journal.note(answer_entry(
            instruction, *answer,
            microseconds_between(outcome.sent == SteadyTime{} ? began : outcome.sent, outcome.acked)));
        outcome.detail = answer->reason;
    }
    co_return outcome;
}

Awaitable<std::optional<dispatch::Ack>> DispatchAgent::Impl::send_and_wait(DispatchOutcome& outcome,
                                                                           Waiting& waiting, UtcTime until) {
    Instruction& instruction = outcome.instruction;
    Slot<dispatch::Ack> slot(parts_.executor, parts_.clock);
    waiting.slot = &slot;
    if (waiting.missed) {
        waiting.slot = nullptr;
        co_return std::exchange(waiting.missed, std::nullopt);
    }
    parts_.in_flight.begin(flight_token(instruction));
    // A device that stays silent by design ends its token on receipt, which may be before the transport's
    // own answer is here; until then the deadline is not set, and the clock must not run past it.
    const std::string sending = "sending/" + instruction.id.value;
    parts_.in_flight.begin(sending);
    const Result<void> taken = co_await parts_.channel.send(instruction);
    parts_.in_flight.end(sending);
    if (taken) {
        advance(instruction, dispatch::TransportTook{}, parts_.clock.now());
        if (outcome.sent == SteadyTime{}) {
            outcome.sent = steady_now();
        }
        parts_.journal.note(sent_entry(instruction, parts_.channel.name()));
    } else {
        parts_.in_flight.end(flight_token(instruction));  // nobody will answer: the clock may go on
        outcome.detail = taken.error().message;
        if (taken.error().code != Errc::unavailable && taken.error().code != Errc::timeout) {
            waiting.slot = nullptr;
            advance(instruction, dispatch::TransportRefused{}, parts_.clock.now());
            parts_.journal.note(transport_refused_entry(instruction, outcome.detail));
            co_return std::nullopt;
        }
    }
    std::optional<dispatch::Ack> answer = co_await slot.wait(until);
    waiting.slot = nullptr;
    if (!answer) {
        answer = std::exchange(waiting.missed, std::nullopt);
    }
    co_return answer;
}

void DispatchAgent::Impl::give_up(DispatchOutcome& outcome) {
    Instruction& instruction = outcome.instruction;
    const UtcTime now = parts_.clock.now();
    const bool is_expired = now >= instruction.expires && now < instruction.ack_by;
    if (outcome.detail.empty()) {
        outcome.detail = instruction.der + " has not answered";
    }
    if (is_expired) {
        advance(instruction, dispatch::Expiry{}, now);
    } else {
        advance(instruction, dispatch::AckDeadline{}, now);
        remember_late(instruction);
    }
    parts_.journal.note(ended_entry(is_expired ? "dispatch.order.expired" : "dispatch.order.timeout",
                                    instruction, outcome.detail));
}

void DispatchAgent::Impl::cancel(DispatchOutcome& outcome, const std::string& why) {
    advance(outcome.instruction, dispatch::Cancelled{}, parts_.clock.now());
    outcome.detail = why;
    parts_.journal.note(ended_entry("dispatch.order.cancel", outcome.instruction, why));
}

void DispatchAgent::Impl::remember_late(const Instruction& instruction) {
    if (timed_out_.size() >= late_remembered_max) {
        timed_out_.erase(timed_out_.begin());  // ULIDs sort by time: the oldest goes
    }
    timed_out_[instruction.id.value] = instruction;
}

void DispatchAgent::Impl::take(const dispatch::Ack& ack) {
    const auto found = waiting_.find(ack.instruction.value);
    if (found != waiting_.end()) {
        Waiting& waiting = *found->second;
        if (waiting.der != ack.der) {
            log::warn("a device answered for another",
                      {{"order", ack.instruction.value}, {"der", waiting.der}, {"by", ack.der}});
            return;
        }
        if (waiting.slot == nullptr || !waiting.slot->set(ack)) {
            waiting.missed = waiting.missed ? waiting.missed : ack;
        }
        return;
    }
    const auto late = timed_out_.find(ack.instruction.value);
    if (late != timed_out_.end() && late->second.der == ack.der) {
        parts_.journal.note(late_entry(late->second, ack));
        timed_out_.erase(late);
        return;
    }
    log::debug("an answer to an instruction that nobody waits for",
               {{"order", ack.instruction.value}, {"der", ack.der}});
}

DispatchAgent::DispatchAgent(Parts parts, DispatchOptions options)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(options))) {}
DispatchAgent::~DispatchAgent() = default;

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::instruct(std::vector<DispatchOrder> orders) {
    return impl_->instruct(std::move(orders));
}

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::release(EventId event,
                                                                       std::vector<DispatchOrder> orders) {
    return impl_->release(std::move(event), std::move(orders));
}

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::recover() {
    return impl_->recover();
}

void DispatchAgent::set_stop(std::string area, bool stopped) {
    impl_->set_stop(area, stopped);
}

const std::set<std::string>& DispatchAgent::stopped_areas() const {
    return impl_->stopped_areas();
}
bool DispatchAgent::is_stopped(const std::string& area) const {
    return impl_->is_stopped(area);
}

void DispatchAgent::on_measurement(std::function<void(dispatch::DeviceMeasurement)> handler) {
    impl_->on_measurement(std::move(handler));
}

}  // namespace headroom::agents
