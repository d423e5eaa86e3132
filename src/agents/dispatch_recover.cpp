#include "agents/dispatch_impl.hpp"
#include "core/gather.hpp"
#include "core/log.hpp"

#include <utility>

// What a former process left behind: its number, its stops, instructions without an end.

namespace headroom::agents {

namespace {

constexpr std::size_t standing_page = 1'000;  // records

}  // namespace

Awaitable<Result<std::vector<DispatchOutcome>>> DispatchAgent::Impl::recover() {
    const Result<std::uint64_t> fence = co_await own_fence();
    if (!fence) {
        co_return fence.error();
    }
    const Result<void> kept = co_await keep_rules();
    if (!kept) {  // a full disk does not keep a controller from starting; it sends nothing new then
        log::error("the guard's rules could not be kept", {{"why", kept.error().message}});
    }
    const Result<void> standing = co_await restore_standing();
    if (!standing) {
        co_return standing.error();
    }
    std::vector<DispatchOutcome> outcomes;
    std::vector<Awaitable<DispatchOutcome>> work;
    for (const char* state : {"intent", "sent"}) {
        std::string name = state;
        const Result<std::vector<store::Record>> found =
            co_await parts_.journal.records().list_by_state("instruction", std::move(name));
        if (!found) {
            co_return found.error();
        }
        for (const store::Record& record : *found) {
            Result<Instruction> instruction = parse(record);
            if (!instruction) {
                co_return instruction.error();
            }
            resume(std::move(*instruction), outcomes, work);
        }
    }
    std::vector<DispatchOutcome> resent = co_await gather(std::move(work));
    std::move(resent.begin(), resent.end(), std::back_inserter(outcomes));
    co_return outcomes;
}

Awaitable<Result<std::uint64_t>> DispatchAgent::Impl::own_fence() {
    if (!fence_) {
        std::string name = "fence";
        const Result<std::uint64_t> number = co_await parts_.journal.records().next_number(std::move(name));
        if (!number) {
            co_return number.error();
        }
        fence_ = fence_.value_or(*number);  // another coroutine may have been quicker
    }
    co_return *fence_;
}

Awaitable<Result<void>> DispatchAgent::Impl::keep_rules() {
    if (!are_rules_kept_) {
        std::string bytes = rules_.bytes;
        const Result<json::Value> blob = co_await parts_.journal.put_blob(std::move(bytes));
        if (!blob) {
            co_return blob.error();
        }
        are_rules_kept_ = true;
    }
    co_return Result<void>{};
}

Result<Instruction> DispatchAgent::Impl::parse(const store::Record& record) {
    const Result<json::Value> value = json::parse(record.json);
    Result<Instruction> instruction = value ? dispatch::instruction_from_json(*value) : value.error();
    if (!instruction) {
        return Error{Errc::corrupt, "the record of instruction " + record.id +
                                        " cannot be read: " + instruction.error().message};
    }
    return instruction;
}

Awaitable<Result<void>> DispatchAgent::Impl::restore_standing() {
    std::string stop_kind = "stop";
    const Result<std::vector<store::Record>> stops =
        co_await parts_.journal.records().list(std::move(stop_kind), "", 10 * standing_page);
    if (!stops) {
        co_return stops.error();
    }
    for (const store::Record& stop : *stops) {
        set_stop(stop.id == "everywhere" ? "" : stop.id, stop.state == "stopped");
    }
    // Ids begin with their time, so the day's instructions are the end of the list. An event's later
    // instructions to the same DER renew the first.
    const UtcTime today = start_of_settlement_day(settlement_period(parts_.clock.now()).date);
    std::string after = make_instruction_id(today, "").value.substr(0, 10);
    std::set<std::pair<std::string, std::string>> counted;
    for (;;) {
        std::string kind = "instruction";
        const Result<std::vector<store::Record>> found =
            co_await parts_.journal.records().list(std::move(kind), after, standing_page);
        if (!found) {
            co_return found.error();
        }
        for (const store::Record& record : *found) {
            const Result<Instruction> instruction = parse(record);
            if (!instruction) {
                co_return instruction.error();
            }
            const bool is_new = instruction->kind != dispatch::InstructionKind::release &&
                                counted.emplace(instruction->event.value, instruction->der).second;
            if (is_new) {
                counters_.add_start(instruction->der, instruction->start);
            }
        }
        if (found->size() < standing_page) {
            break;
        }
        after = found->back().id;
    }
    co_return Result<void>{};
}

void DispatchAgent::Impl::resume(Instruction instruction, std::vector<DispatchOutcome>& outcomes,
                                 std::vector<Awaitable<DispatchOutcome>>& work) {
    const UtcTime now = parts_.clock.now();
    DispatchOutcome outcome;
    outcome.instruction = std::move(instruction);
    advance(outcome.instruction, dispatch::Restarted{}, now);
    if (outcome.instruction.expires <= now) {
        advance(outcome.instruction, dispatch::Expiry{}, now);
        outcome.detail = "expired while the controller was away";
        parts_.journal.note(ended_entry("dispatch.order.expired", outcome.instruction, outcome.detail));
        outcomes.push_back(std::move(outcome));
        return;
    }
    // The record does not say which area it belongs to: while any stop stands, nothing starts anew.
    if (!stopped_.empty() && outcome.instruction.kind != dispatch::InstructionKind::release) {
        cancel(outcome, "stop-all is in force");
        outcomes.push_back(std::move(outcome));
        return;
    }
    if (outcome.instruction.attempt < dispatch::attempts_max) {
        advance(outcome.instruction, dispatch::SentAgain{}, now);
    }
    outcome.instruction.ack_by = now + options_.ack_within;
    GuardQuestion question;
    question.instruction = std::move(outcome.instruction);
    work.push_back(deliver(std::move(question)));
}

}  // namespace headroom::agents
