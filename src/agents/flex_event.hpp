#pragma once

// Inside of FlexOrchestration: one event's coroutine. Not for other agents.

#include "agents/commitment.hpp"
#include "agents/event_facts.hpp"
#include "agents/event_rules.hpp"
#include "agents/event_steps.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/open_events.hpp"
#include "agents/turns.hpp"
#include "beckn/need_board.hpp"
#include "core/gather.hpp"
#include "flex/arming.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headroom::agents {

/// What the co-pilot proposed beside a plan and the guards accepted, as the log has it.
struct AcceptedProposal {
    flex::FlexPlan plan;
    json::Object input;  ///< `input` or `input_blob`: that of the plan it was proposed beside
    std::optional<flex::EventPlanInput> decided{};  ///< read; nothing in an entry of before there were rules
    std::uint64_t seq = 0;                          ///< of its entry
};

/// Moment of an event that ended because the need was gone before its window.
inline constexpr const char* cleared_moment = "cleared";

/// What a person said of a proposed plan.
struct Approval {
    bool approved = false;
    std::string plan_sha256;
    Caller caller;
    std::shared_ptr<const AcceptedProposal> proposal{};  ///< approved in the plan's stead
};

/// The event that is planned once more, and how reliably what it has bought was offered; nothing of a plan
/// that is the first.
struct StandingEvent {
    const EventRecord* record = nullptr;
    const std::map<std::string, std::int64_t>* claimed_ppm = nullptr;  ///< by "provider/offer"
};

/// Shared by all events of the agent.
struct OrchestrationContext {
    FlexOrchestration::Parts parts;
    OrchestrationOptions options;
    std::vector<grid::AuthorityEnvelope> envelopes;
    grid::OperationalStates states;
    std::function<void(EventRecord)> released;
    Turns turns;  ///< by branch of the network, while an event plans and contracts
    std::function<std::vector<const EventRecord*>(const EventId& but)> others;  ///< all other events
    LearntLatencies latencies;                                                  ///< of confirmations
    std::map<std::string, flex::Contract> purchases;    ///< outside of events, by transaction
    std::map<std::string, flex::Contract> buying = {};  ///< the same, asked for and not answered yet
    EventRules rules;
    std::function<std::vector<flex::Contract>()> need_orders;  ///< that bind us; nothing: none are made
    std::uint64_t reservation_changes = 0;  ///< asked of the store; tells whether what was read still stands
    OpenEvents open = {};

    /// What the rules count, from everything that was used and from plans that are about to be.
    [[nodiscard]] PastUses past(const std::vector<const flex::FlexPlan*>& beside) const;
    [[nodiscard]] flex::RuleFacts rule_facts(const std::string& asset,
                                             const std::vector<const flex::FlexPlan*>& beside) const;
    /// What the rules let a published need still cost, asked of `sellers`; nothing without rules.
    [[nodiscard]] std::optional<beckn::NeedMoney> money_for(const beckn::PublishedNeed& need,
                                                            const beckn::NeedSellers& sellers) const;
    /// `contract` for a need at `asset`, by what the rules count at this moment.
    [[nodiscard]] JudgedContract judged_contract(flex::Contract contract, const std::string& asset) const;
    [[nodiscard]] LimitForecast forecast_or_newest(const risk::Overload& there) const;
    /// How surely the load must stay within the limit, by the rules; nothing where they ask for none.
    [[nodiscard]] std::optional<flex::ChanceAsked> chance_of(const flex::EventPlanInput& input,
                                                             const PastUses& uses,
                                                             const StandingEvent& standing) const;
    /// The input with everything that a plan is judged by.
    [[nodiscard]] flex::EventPlanInput judged(flex::PlanInput base,
                                              const std::vector<const flex::FlexPlan*>& beside,
                                              const StandingEvent& standing = {}) const;
};

/// One event on its way. Owned by the agent, outlives its coroutine.
class FlexEvent {
  public:
    FlexEvent(OrchestrationContext& context, EventRecord record);

    /// Runs until the event is over. Each state's step ends by writing the next state down.
    Awaitable<void> run();
    /// The same for an event of a former process. What nobody has decided waits until its feeder is heard of
    /// again, two rounds of watching at most: without a reading a person would be asked where an envelope
    /// allows it.
    Awaitable<void> go_on();

    [[nodiscard]] const EventRecord& record() const { return record_; }
    [[nodiscard]] EventRecord& record() { return record_; }
    /// Steady time of detection in this process; none after a restart.
    void detected_at(SteadyTime when) { detected_ = when; }
    /// Hands a person's answer to the waiting coroutine. False when nobody waits for it.
    bool answer(Approval approval);
    /// The accepted proposal of that hash beside the plan that waits. Errors: `not_found`, `corrupt`,
    /// `conflict` naming a rule that it breaks by now.
    Awaitable<Result<AcceptedProposal>> proposal(std::string sha256);
    void cancel(Caller caller);
    /// The limit is exceeded already: armed capacity is fired without waiting for the window.
    void breach();
    /// A provider changed or ended a contract by itself, or confirmed one too late.
    void market_changed(flex::Contract contract);
    /// The newest plan waits for a person's answer, before anything is bought or beside what is.
    [[nodiscard]] bool waits_for_approval() const { return approval_ != nullptr || waits_for_more(); }
    /// What is bought is decided: contracts are made, a person must say yes, or the event is over.
    [[nodiscard]] bool is_settled() const {
        return waits_for_approval() ||
               (record_.state != EventState::proposed && record_.state != EventState::approved);
    }
    /// Waits until `is_settled`, or until `when` of domain time.
    Awaitable<void> settled(UtcTime when);

    /// An entry about this event that carries the record as it now stands.
    [[nodiscard]] audit::Draft draft(std::string type, json::Object body, std::string outcome = "ok") const;

  private:
    void tell_watchers();
    Awaitable<void> decide();
    Awaitable<void> await_approval();
    /// What a person said goes into the log, with the plan that is carried out from here on. False when the
    /// log does not take it: then nothing was said.
    Awaitable<bool> write_answer(const Approval& answer, EventState if_approved);
    [[nodiscard]] Result<void> hold_against_rules(const AcceptedProposal& proposal) const;
    /// The proposal takes the plan's place; its entry stands before that of the approval.
    Awaitable<Result<audit::Draft>> adopt(std::shared_ptr<const AcceptedProposal> proposal);
    Awaitable<void> make_contracts();
    Awaitable<void> go_back_to_proposed(bool is_unsure);
    Awaitable<void> wait_and_fire();
    Awaitable<void> hold();
    Awaitable<void> finish(EventState state, std::string outcome, std::string note);

    /// Plan, approve under the authority already granted, contract and tell: for replacements, top-ups and
    /// extensions.
    Awaitable<void> procure_more(std::string why);
    // flex_event_more.cpp: a plan for more than is bought waits for a person while the event goes on
    [[nodiscard]] bool waits_for_more() const;
    /// It waits, or is answered and not carried out yet: nothing else is planned meanwhile.
    [[nodiscard]] bool is_more_open() const { return more_answer_ || waits_for_more(); }
    /// The last round made a plan that only a person may let pass.
    [[nodiscard]] bool is_for_a_person() const;
    /// Puts it before one, beside what is bought; what is said of that behind an alarm's text.
    Awaitable<std::string> ask_for_more();
    Awaitable<void> take_more();
    Awaitable<void> buy_more();
    /// What was approved before a restart and perhaps not bought.
    Awaitable<void> take_up_more();

    /// When it may be carried out, its entry may still be on the way to the disk: `is_plan_durable` knows.
    Awaitable<bool> plan_round(std::string why);
    Awaitable<bool> is_plan_durable();
    /// The log took no decision: waits a while, or gives up when the window is over.
    Awaitable<void> put_off();
    Awaitable<bool> search(risk::Overload left, std::vector<std::string> below, Result<SearchResult>& found);
    using Held = RecordStore::Reserved;
    /// What others have been promised, by DER.
    Awaitable<bool> read_held(std::vector<std::string> ders, Held& held);
    Awaitable<void> contract_round(flex::ContractKind kind);
    void say_as_offered(std::vector<flex::Contract>& contracts) const;
    Awaitable<void> take_market_changes();
    Awaitable<bool> use_late_contract(flex::Contract contract);
    Awaitable<void> replace_armed(std::string why);
    Awaitable<void> compensate();
    Awaitable<void> fire(std::vector<std::string> transactions);
    Awaitable<void> tell();
    [[nodiscard]] DispatchOrder order_for(const Assignment& assignment, const grid::Der& der, UtcTime from,
                                          bool is_renewal) const;
    Awaitable<void> look_at_devices();
    void look_at_load();
    [[nodiscard]] std::optional<std::int64_t> excess_w() const;  ///< load minus limit, now
    Awaitable<Result<flex::Contract>> complete_one(std::string transaction);
    Awaitable<void> finish_with_shortfall(Watts shortfall, std::string outcome, std::string note);
    void stamp_at(std::string name, SteadyTime when);
    Awaitable<void> extend_if_needed();
    Awaitable<void> alarm(std::string kind, std::string detail);

    Awaitable<Result<void>> write(std::vector<audit::Draft> drafts);
    /// Facts that start nothing: durable with the next commit at the latest.
    Awaitable<void> note_all(std::vector<audit::Draft> drafts);
    /// The state, with what is bought and what is short.
    Awaitable<void> note_state();
    Awaitable<Result<void>> fit(std::vector<audit::Draft>& drafts);
    Awaitable<Result<json::Object>> kept(std::string name, json::Value value);
    /// Until `when` of domain time, or until the event is cancelled.
    Awaitable<void> pause_until(UtcTime when);
    Awaitable<Result<flex::Contract>> stored_contract(std::string transaction);
    Awaitable<Result<flex::Contract>> activate_one(std::string transaction);
    Awaitable<Result<flex::Contract>> cancel_one(std::string transaction, std::string reason);
    std::vector<Awaitable<Result<flex::Contract>>> cancel_contracts(const std::string& reason);
    Awaitable<Result<flex::FlexPlan>> load_plan();
    void stamp(std::string name);
    [[nodiscard]] UtcTime now() const;
    /// As what capacity is bought now: armed while the window is still ahead, on the spot otherwise.
    [[nodiscard]] flex::ContractKind product() const;
    [[nodiscard]] std::string branch() const;
    [[nodiscard]] std::vector<std::string> feeders_below() const;
    [[nodiscard]] grid::StateEntry strictest_state(const grid::Der& der) const;
    [[nodiscard]] bool is_stopped_above(const grid::Der& der) const;
    void block_ders_of_others(flex::PlanInput& input) const;
    [[nodiscard]] StandingEvent standing() const { return {&record_, &claimed_ppm_}; }
    [[nodiscard]] grid::AuthorityAnswer ask_authority(const flex::FlexPlan& plan) const;
    /// Whether a plan for a window ahead is armed now or looked at again later, by what waiting is worth;
    /// nothing where the rules say nothing of it or the window is near.
    [[nodiscard]] std::optional<flex::ArmingDecision> weigh_arming(const flex::FlexPlan& plan) const;
    /// When it is looked at again.
    [[nodiscard]] UtcTime next_review(const flex::ArmingDecision& decision) const;
    /// After waiting: the newest forecast stays within the limit.
    [[nodiscard]] bool has_cleared() const;

    // flex_event_week_ahead.cpp: what an outlook showed, until its window is near
    [[nodiscard]] bool is_week_ahead() const { return record_.moment(week_ahead_moment) != nullptr; }
    /// What the newest outlook or forecast makes of the need.
    enum class Revised { stands, grown, cleared, unconfirmed };
    /// Judges the need anew; what has changed is written down.
    Awaitable<Revised> revise();
    [[nodiscard]] risk::RiskInput need_question() const;
    /// A live forecast reaches the window.
    [[nodiscard]] bool is_confirmed() const;
    [[nodiscard]] bool is_near() const;  ///< too near to be put off
    [[nodiscard]] UtcTime next_look() const;
    /// False when there is nothing left to decide.
    Awaitable<bool> decide_anew();
    Awaitable<void> wait_for_offers();
    /// Keeps, tops up or releases what is armed; false when it is released.
    Awaitable<bool> review_armed();
    Awaitable<void> top_up_armed(std::string why);
    Awaitable<void> release_armed(std::string outcome, std::string note);
    /// Whose review the rules ask for: minutes until the next look.
    [[nodiscard]] flex::ArmingRules arming_rules() const;
    [[nodiscard]] std::int64_t rounds_used() const { return record_.round - record_.reviews; }
    Awaitable<void> wait_for_review();
    /// Whether what a contract wants has been reserved; an error when it is promised elsewhere.
    using Reserving = std::shared_ptr<Later<Result<void>>>;
    Awaitable<Result<flex::Contract>> timed_contract(flex::Contract contract, Reserving reserving);
    /// What the rules let pass of a contract; it counts from here on, until `forget_pending`. Its entry is
    /// added to `entries`.
    [[nodiscard]] flex::Contract begin_spending(flex::Contract contract, std::vector<audit::Draft>& entries);
    /// Begins to reserve what the contract wants, while its provider is asked for his terms.
    [[nodiscard]] Reserving reserve(const flex::Contract& contract);
    Awaitable<void> hold(ReservationRequest request, audit::Draft made, Reserving reserving);
    /// What has to hold before anything is bought: the plan is on the disk, the DERs are reserved.
    static Awaitable<Result<void>> licensed(Journal::Ticket plan, Reserving reserving);
    /// A contract that was asked for, and the sum of its powers.
    struct Asked {
        std::string transaction;
        std::int64_t watts = 0;
        Reserving reserving;
    };
    Awaitable<void> note_judged(std::vector<audit::Draft> entries);
    Awaitable<void> take_answers(std::vector<Asked> asked, std::vector<Result<flex::Contract>> answers,
                                 flex::ContractKind kind);
    /// Whether what stands keeps the load within its limit less surely than the rules ask for.
    [[nodiscard]] bool is_less_sure_than_asked() const;
    /// More is to be bought: power that is needed, or certainty that was lost, is not covered.
    [[nodiscard]] bool needs_top_up() const;
    [[nodiscard]] std::string held_back() const;  ///< by which rule, in brackets; empty: by none

    OrchestrationContext& context_;
    EventRecord record_;
    asio::steady_timer wake_;
    std::optional<SteadyTime> detected_;
    std::optional<SteadyTime> fired_;
    std::optional<flex::FlexPlan> plan_;
    std::string within_rating_;  ///< why the last plan buys nothing, where the ladder lets the load be
    std::string
        nothing_because_;  ///< why the last plan buys nothing otherwise; empty: nobody offered anything
    std::unique_ptr<Slot<Approval>> approval_;
    std::optional<Approval> more_answer_;                ///< about the plan for more, not yet taken
    std::vector<std::shared_ptr<Slot<bool>>> watchers_;  // wait until it is settled
    std::optional<Caller> cancelled_;
    std::optional<SteadyTime> breached_;
    std::set<std::string> spent_offers_;               // "provider/offer" of lines that failed or are in use
    std::map<std::string, std::int64_t> claimed_ppm_;  // by "provider/offer": reliability as it was offered
    std::map<std::string, UtcTime> last_told_;         // by DER
    std::map<std::string, std::int64_t> told_w_;       // change in force, by DER
    std::map<std::string, UtcTime> told_since_;        // first acknowledgement, by DER
    int over_in_a_row_ = 0;
    std::int64_t extensions_ = 0;
    UtcTime extended_to_{};
    std::int64_t shortfall_held_w_ = 0;  // uncovered with nothing left to buy
    std::optional<Watts> final_shortfall_;
    bool needs_more_ = false;
    std::deque<flex::Contract> market_changes_;  // told, not yet taken
    Journal::Ticket plan_entry_;                 // of the plan that is being carried out
    bool is_write_refused_ = false;              // the last plan could not be made durable
    bool is_asked_again_ = false;                // the plan after one of which nothing came is for a person
    std::string more_because_;
    bool is_less_than_planned_ = false;  ///< not all of what the last plan wanted was committed, or has held
    std::optional<std::int64_t> planned_ppm_;  ///< certainty of the last plan, where one was asked for
    std::string held_back_by_;  ///< the rule that did not let pass what was to be bought in the last round
};

}  // namespace headroom::agents
