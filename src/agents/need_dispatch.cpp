#include "agents/need_dispatch.hpp"

#include "agents/event_steps.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace headroom::agents {

class NeedDispatch::Impl : public std::enable_shared_from_this<NeedDispatch::Impl> {
  public:
    Impl(Parts parts, NeedDispatchOptions options) : parts_(std::move(parts)), options_(options) {}

    void look();

  private:
    /// What a device was told last.
    struct Told {
        std::int64_t power_w = 0;
        UtcTime at{};
        bool is_followed = false;
    };
    /// One order while its slots last.
    struct Task {
        EventRecord record;
        std::optional<flex::IntervalGrid> awarded_w;
        std::vector<std::string> meters;
        std::map<std::string, Told> told;  // by DER
        bool is_over = false;
    };

    Awaitable<void> run();
    void follow_board(const beckn::NeedBoard& board);
    void take_up(const beckn::PublishedNeed& need, const beckn::NeedOrder& order);
    Awaitable<void> tell(std::string transaction);
    Awaitable<void> release(std::string transaction, std::vector<std::string> ders);
    [[nodiscard]] std::optional<DispatchOrder> order_for(Task& task, Assignment& assignment) const;
    [[nodiscard]] std::vector<std::string> to_release(const Task& task) const;
    [[nodiscard]] grid::StateEntry strictest_state(const grid::Der& der, const std::string& top) const;
    [[nodiscard]] UtcTime next_moment() const;
    void arm();

    Parts parts_;
    NeedDispatchOptions options_;
    std::map<std::string, Task> tasks_;  // by transaction
    DomainClock::TimerId timer_ = 0;
    bool is_running_ = false;
    bool must_look_again_ = false;
};

void NeedDispatch::Impl::look() {
    must_look_again_ = true;
    if (!is_running_) {
        is_running_ = true;
        spawn(parts_.executor, run());
    }
}

Awaitable<void> NeedDispatch::Impl::run() {
    const auto self = shared_from_this();
    while (must_look_again_) {
        must_look_again_ = false;
        const beckn::NeedBoard* board = parts_.board();
        if (board == nullptr) {
            break;
        }
        follow_board(*board);
        std::vector<std::string> transactions;
        for (const auto& [transaction, task] : tasks_) {
            transactions.push_back(transaction);
        }
        for (const std::string& transaction : transactions) {
            std::vector<std::string> ders = to_release(tasks_.at(transaction));
            co_await release(transaction, std::move(ders));
            if (tasks_.at(transaction).is_over) {
                tasks_.erase(transaction);
            } else {
                co_await tell(transaction);
            }
        }
    }
    is_running_ = false;
    arm();
}

/// Orders that bind and whose slots are not over have a task; the others' tasks are over.
void NeedDispatch::Impl::follow_board(const beckn::NeedBoard& board) {
    const UtcTime now = parts_.clock.now();
    for (auto& [transaction, task] : tasks_) {
        task.is_over = true;
    }
    for (const auto& [transaction, order] : board.orders) {
        const beckn::PublishedNeed* need = board.need(order.need);
        if (order.step == beckn::NeedStep::contracted && need != nullptr && order.awarded_w &&
            now < order.awarded_w->end()) {
            take_up(*need, order);
        }
    }
}

/// What a device was told stays known when its order is changed.
void NeedDispatch::Impl::take_up(const beckn::PublishedNeed& need, const beckn::NeedOrder& order) {
    Task& task = tasks_[order.transaction()];
    task.is_over = false;
    if (task.awarded_w == order.awarded_w && task.meters == order.line().meters) {
        return;
    }
    EventRecord record = devices_of(need, order, parts_.network(), parts_.may_use);
    for (Assignment& assignment : record.assignments) {
        for (const Assignment& before : task.record.assignments) {
            if (before.der == assignment.der) {
                assignment.baseline = before.baseline;
                assignment.instructions = before.instructions;
                assignment.state = before.state;
            }
        }
    }
    task.record = std::move(record);
    task.awarded_w = order.awarded_w;
    task.meters = order.line().meters;
}

/// Devices that were told something and have nothing to do now.
std::vector<std::string> NeedDispatch::Impl::to_release(const Task& task) const {
    std::vector<std::string> ders;
    for (const auto& [der, told] : task.told) {
        const auto& all = task.record.assignments;
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const Assignment& one) { return one.der == der; });
        const bool has_work =
            !task.is_over && found != all.end() && found->power_w.at(parts_.clock.now()) > 0;
        if (!has_work) {
            ders.push_back(der);
        }
    }
    return ders;
}

Awaitable<void> NeedDispatch::Impl::release(std::string transaction, std::vector<std::string> ders) {
    const auto self = shared_from_this();
    Task& task = tasks_.at(transaction);  // tasks are removed by `run` alone, which waits for us
    std::vector<DispatchOrder> orders;
    for (const std::string& der : ders) {
        const UtcTime now = parts_.clock.now();
        DispatchOrder order;
        order.instruction.id =
            make_instruction_id(now, transaction + "/" + der + "/release/" + format_utc(now));
        order.instruction.event = task.record.id();
        order.instruction.der = der;
        order.instruction.transaction = transaction;
        order.instruction.kind = dispatch::InstructionKind::release;
        order.instruction.start = now;
        order.instruction.expires = now + options_.validity;
        orders.push_back(std::move(order));
        task.told.erase(der);
    }
    if (orders.empty()) {
        co_return;
    }
    const Result<std::vector<DispatchOutcome>> released =
        co_await parts_.dispatch.release(task.record.id(), std::move(orders));
    if (!released) {
        log::warn("releases could not be sent; the setpoints expire by themselves",
                  {{"transaction", transaction}, {"error", released.error().message}});
    }
}

grid::StateEntry NeedDispatch::Impl::strictest_state(const grid::Der& der, const std::string& top) const {
    for (const std::string_view asset : parts_.network().path_to_top(der.feeder.value)) {
        const grid::StateEntry state = parts_.state(std::string(asset));
        const bool is_free = state.state == grid::OperationalState::normal && !state.held_by_engineer;
        if (!is_free || asset == top) {
            return state;
        }
    }
    return parts_.state(top);
}

/// What a device is told now; nothing when it was told the same a short while ago.
std::optional<DispatchOrder> NeedDispatch::Impl::order_for(Task& task, Assignment& assignment) const {
    const UtcTime now = parts_.clock.now();
    const grid::Network& network = parts_.network();
    const grid::Der* der = network.der(assignment.der);
    const std::int64_t power = assignment.power_w.at(now);
    if (der == nullptr || power <= 0) {
        return std::nullopt;
    }
    const auto told = task.told.find(assignment.der);
    const bool is_known = told != task.told.end();
    if (is_known && told->second.power_w == power && now < told->second.at + options_.renew_every) {
        return std::nullopt;
    }
    if (!is_known) {
        const double load_kw = parts_.der_load_kw(assignment.der).value_or(0.0);
        assignment.baseline = to_watts(Kilowatts{std::isfinite(load_kw) ? load_kw : 0.0});
    }
    DispatchOrder order;
    order.instruction = instruction_for(task.record, assignment, *der, now, options_.validity);
    order.guard =
        guard_question_for(task.record, assignment, network, *der, is_known && told->second.is_followed,
                           strictest_state(*der, task.record.overload.feeder));
    const std::vector<std::string_view> path = network.path_to_top(der->feeder.value);
    order.guard.stop_all = std::any_of(path.begin(), path.end(), [this](std::string_view asset) {
        return parts_.dispatch.is_stopped(std::string(asset));
    });
    return order;
}

Awaitable<void> NeedDispatch::Impl::tell(std::string transaction) {
    const auto self = shared_from_this();
    Task& task = tasks_.at(transaction);
    std::vector<DispatchOrder> orders;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < task.record.assignments.size(); ++i) {
        Assignment& assignment = task.record.assignments[i];
        std::optional<DispatchOrder> order = order_for(task, assignment);
        if (!order) {
            continue;
        }
        task.told[assignment.der] = {
            .power_w = order->instruction.change.value, .at = parts_.clock.now(), .is_followed = false};
        assignment.instructions.push_back(order->instruction.id.value);
        assignment.state = "told";
        places.push_back(i);
        orders.push_back(std::move(*order));
    }
    if (orders.empty()) {
        co_return;
    }
    const Result<std::vector<DispatchOutcome>> outcomes =
        co_await parts_.dispatch.instruct(std::move(orders));
    if (!outcomes) {
        log::error("the devices of an own need were told nothing: the intents could not be made durable",
                   {{"transaction", transaction}, {"error", outcomes.error().message}});
        co_return;
    }
    for (std::size_t k = 0; k < outcomes->size(); ++k) {
        const DispatchOutcome& outcome = (*outcomes)[k];
        Assignment& assignment = task.record.assignments[places[k]];
        const bool is_followed = outcome.instruction.state == dispatch::InstructionState::acked ||
                                 outcome.instruction.state == dispatch::InstructionState::active;
        assignment.state = is_followed ? "following" : "silent";
        task.told[assignment.der].is_followed = is_followed;
        if (!is_followed) {
            log::warn("a device of an own need does not follow; it is told again with the next renewal",
                      {{"transaction", transaction}, {"der", assignment.der}, {"why", outcome.detail}});
        }
    }
}

UtcTime NeedDispatch::Impl::next_moment() const {
    const UtcTime now = parts_.clock.now();
    UtcTime next = UtcTime::max();
    for (const auto& [transaction, task] : tasks_) {
        if (task.record.assignments.empty()) {
            continue;
        }
        const flex::IntervalGrid& awarded = *task.awarded_w;
        for (std::size_t slot = 0; slot <= awarded.values.size(); ++slot) {
            if (awarded.time_of(slot) > now) {
                next = std::min(next, awarded.time_of(slot));
                break;
            }
        }
        for (const auto& [der, told] : task.told) {
            next = std::min(next, std::max(told.at + options_.renew_every, now + seconds{1}));
        }
    }
    return next;
}

void NeedDispatch::Impl::arm() {
    parts_.clock.cancel(timer_);
    timer_ = 0;
    const UtcTime next = next_moment();
    if (next == UtcTime::max()) {
        return;
    }
    const std::weak_ptr<Impl> weak = weak_from_this();
    timer_ = parts_.clock.at(next, [weak] {
        if (const std::shared_ptr<Impl> self = weak.lock()) {
            self->timer_ = 0;
            self->look();
        }
    });
}

NeedDispatch::NeedDispatch(Parts parts, NeedDispatchOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), options)) {}

NeedDispatch::~NeedDispatch() = default;

void NeedDispatch::look() {
    impl_->look();
}

}  // namespace headroom::agents
