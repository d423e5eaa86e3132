// One round of contracts: judged, reserved, asked for side by side, and written down.
#include "agents/flex_event.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"

#include <numeric>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t input_inline_max = 8'000;

bool is_made(const flex::Contract& contract) {
    return contract.state == flex::ContractState::active || contract.state == flex::ContractState::activated;
}

std::int64_t sum_of(const flex::Contract& contract) {
    std::int64_t sum = 0;
    for (const flex::PlanLine& line : contract.lines) {
        sum = std::accumulate(line.power_w.values.begin(), line.power_w.values.end(), sum);
    }
    return sum;
}

}  // namespace

/// A contract, and how long its provider took to confirm it.
Awaitable<Result<flex::Contract>> FlexEvent::timed_contract(flex::Contract contract, Reserving reserving) {
    const std::string provider = contract.provider;
    const UtcTime begun = now();
    Market::Licence licence = [plan = plan_entry_, reserving] { return licensed(plan, reserving); };
    Result<flex::Contract> answer =
        co_await context_.parts.market.contract(std::move(contract), std::move(licence));
    if (answer && is_made(*answer)) {
        const milliseconds took = now() - begun;
        context_.latencies.add(provider, took);
        record_.confirmations.push_back({provider, now(), took});
    }
    co_return answer;
}

/// What was learnt of a DER is ours: its provider is told of its offers as it made them.
void FlexEvent::say_as_offered(std::vector<flex::Contract>& contracts) const {
    for (flex::Contract& contract : contracts) {
        for (flex::PlanLine& line : contract.lines) {
            const auto claimed = claimed_ppm_.find(line.offer.provider + "/" + line.offer.id);
            if (claimed != claimed_ppm_.end()) {
                line.offer.reliability_ppm = claimed->second;
            }
        }
    }
}

/// Two events may have planned with the same money, each before the other bought anything: who asks first has
/// it. What is let pass counts at once, with nothing in between; an offer that is not has not been tried.
flex::Contract FlexEvent::begin_spending(flex::Contract contract, std::vector<audit::Draft>& entries) {
    forget_pending(record_, contract.transaction.value);  // of a former process, which asked the same
    JudgedContract judged = context_.judged_contract(std::move(contract), record_.overload.feeder);
    for (const flex::CommitRefusal& refused : judged.refused) {
        spent_offers_.erase(judged.contract.provider + "/" + refused.offer);
        held_back_by_ = refused.sentence();
        is_less_than_planned_ = true;
    }
    if (judged.entry) {
        entries.push_back(std::move(*judged.entry));
        const std::vector<PendingUse> uses = pending_uses(judged.contract);
        record_.pending.insert(record_.pending.end(), uses.begin(), uses.end());
    }
    return std::move(judged.contract);
}

bool FlexEvent::is_less_sure_than_asked() const {
    const PastUses uses = context_.past({});
    flex::EventPlanInput input;
    input.base.overload = residual(record_, now());
    input.book = context_.rules.book;
    if (input.book == nullptr || input.base.overload.need.w.empty()) {
        return false;
    }
    input.facts.rules = context_.rule_facts(record_.overload.feeder, {});
    const std::optional<flex::ChanceAsked> asked = context_.chance_of(input, uses, standing());
    if (!asked) {
        return false;
    }
    // What the market could not give when it was planned is not asked for again and again.
    const std::int64_t wanted =
        std::min(asked->probability_ppm, planned_ppm_.value_or(asked->probability_ppm));
    return flex::standing_share_ppm(*asked, record_.id()) + flex::chance_tolerance_ppm < wanted;
}

bool FlexEvent::needs_top_up() const {
    return uncovered(record_, now()).value > 0 || (is_less_than_planned_ && is_less_sure_than_asked());
}

std::string FlexEvent::held_back() const {
    return held_back_by_.empty() ? "" : " (" + held_back_by_ + ")";
}

Awaitable<Result<void>> FlexEvent::licensed(Journal::Ticket plan, Reserving reserving) {
    if (plan) {
        const Result<void> durable = co_await Journal::durable(std::move(plan));
        if (!durable) {
            co_return durable;
        }
    }
    co_return co_await Later<Result<void>>::of(std::move(reserving));
}

FlexEvent::Reserving FlexEvent::reserve(const flex::Contract& contract) {
    const UtcTime lease = record_.overload.end + period_length * (context_.options.extensions_max + 1);
    ++context_.reservation_changes;
    audit::Draft made{.type = "reservation.made",
                      .actor = system_actor(),
                      .body = json::object({{"transaction", contract.transaction.value},
                                            {"provider", contract.provider},
                                            {"lines", static_cast<std::int64_t>(contract.lines.size())}}),
                      .corr = record_.id().value};
    auto reserving = std::make_shared<Later<Result<void>>>();
    spawn(context_.parts.executor, hold(reservations_for(contract, lease), std::move(made), reserving));
    return reserving;
}

Awaitable<void> FlexEvent::hold(ReservationRequest request, audit::Draft made, Reserving reserving) {
    const Result<void> held = co_await context_.parts.journal.records().reserve(
        std::move(request.wanted), std::move(request.offered), now());
    if (held) {
        context_.parts.journal.note(std::move(made));
    } else {
        log::warn("a DER is promised elsewhere",
                  {{"event", record_.id().value}, {"error", held.error().message}});
    }
    reserving->set(held);
}

/// Reserves and asks every provider of the plan, side by side, and writes down what was committed. Terms bind
/// nobody, so they may be asked for before it is known that the DERs are free; nothing is confirmed before.
Awaitable<void> FlexEvent::contract_round(flex::ContractKind kind) {
    if (!plan_) {
        co_return;
    }
    std::vector<flex::Contract> wanted = contracts_for(*plan_, record_, kind);
    say_as_offered(wanted);
    std::vector<std::string> tried;
    for (const flex::PlanLine& line : plan_->lines) {
        tried.push_back(line.offer.provider + "/" + line.offer.id);
    }
    spent_offers_.insert(tried.begin(), tried.end());
    plan_.reset();
    is_less_than_planned_ = false;
    std::vector<Asked> of;
    std::vector<Awaitable<Result<flex::Contract>>> asked;
    std::vector<audit::Draft> begun;
    for (flex::Contract& each : wanted) {
        flex::Contract contract = begin_spending(std::move(each), begun);
        if (contract.lines.empty()) {
            continue;
        }
        Reserving reserving = reserve(contract);
        of.push_back({contract.transaction.value, sum_of(contract), reserving});
        asked.push_back(timed_contract(std::move(contract), std::move(reserving)));
    }
    if (!record_.pending.empty() && !begun.empty()) {
        // A confirm waits for entries behind this one: a restart finds what was on its way.
        begun.back().body.set("event_after", to_json(record_));
    }
    co_await note_judged(std::move(begun));
    std::vector<Result<flex::Contract>> answers = co_await gather(std::move(asked));
    for (const Asked& each : of) {
        Reserving reserving = each.reserving;  // of a provider who refused faster than the store answered
        static_cast<void>(co_await Later<Result<void>>::of(std::move(reserving)));
    }
    const bool is_licensed = co_await is_plan_durable();
    if (!is_licensed) {
        for (const std::string& offer : tried) {
            spent_offers_.erase(offer);  // nothing was bought: they may be planned with again
        }
    }
    co_await take_answers(std::move(of), std::move(answers), kind);
}

/// The input of a judgement over very many lines goes into a blob.
Awaitable<void> FlexEvent::note_judged(std::vector<audit::Draft> entries) {
    for (audit::Draft& entry : entries) {
        const json::Value* input = entry.type == "order.judged" ? entry.body.find("input") : nullptr;
        const std::string* text = input == nullptr ? nullptr : input->as_string();
        if (text == nullptr || text->size() <= input_inline_max) {
            continue;
        }
        std::string canonical = json::write(json::Value(*text));
        Result<json::Value> blob = co_await context_.parts.journal.put_blob(std::move(canonical));
        if (!blob) {
            log::error("what a contract was judged by could not be kept",
                       {{"event", record_.id().value}, {"error", blob.error().message}});
            continue;
        }
        entry.body.erase("input");
        entry.body.set("input_blob", std::move(*blob));
    }
    co_await note_all(std::move(entries));
}

Awaitable<void> FlexEvent::take_answers(std::vector<Asked> asked, std::vector<Result<flex::Contract>> answers,
                                        flex::ContractKind kind) {
    std::vector<audit::Draft> drafts;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        Result<flex::Contract>& answer = answers[i];
        forget_pending(record_, asked[i].transaction);
        if (!answer) {
            log::warn("a contract could not be made",
                      {{"event", record_.id().value}, {"error", answer.error().message}});
            is_less_than_planned_ = true;
            continue;
        }
        const bool made = is_made(*answer);
        is_less_than_planned_ = is_less_than_planned_ || !made || sum_of(*answer) < asked[i].watts;
        if (made) {
            assign(record_, *answer);
            stamp("committed");
        } else {
            ++context_.reservation_changes;
            static_cast<void>(co_await context_.parts.journal.records().release(answer->transaction.value));
        }
        refresh_totals(record_, now());
        json::Object body = json::object({{"transaction", answer->transaction.value},
                                          {"provider", answer->provider},
                                          {"order_id", answer->order_id},
                                          {"failure", answer->failure},
                                          {"contract_after", flex::to_json(*answer)}});
        drafts.push_back(draft("order.contracted", std::move(body), made ? "ok" : "error"));
    }
    if (kind == flex::ContractKind::spot) {
        // The intents that follow at once are committed behind these entries: nothing is sent before both are
        // durable.
        co_await note_all(std::move(drafts));
    } else if (!drafts.empty()) {
        const Result<void> written = co_await write(std::move(drafts));
        if (!written) {
            log::error("contracts could not be written down",
                       {{"event", record_.id().value}, {"error", written.error().message}});
        }
    }
}

}  // namespace headroom::agents
