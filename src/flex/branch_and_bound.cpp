#include "flex/plan_problem.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace headroom::flex {

namespace {

using Wide = __int128;

constexpr std::int64_t ppm = 1'000'000;
constexpr std::int64_t work_per_node = 32;  // candidate-slots
/// Costs of 10 ppm of the plan are not worth another node.
constexpr std::int64_t gap_divisor = 100'000;

enum class Choice : std::uint8_t { open, window, unused };

/// What a node has settled for one candidate.
struct Decision {
    Choice choice = Choice::open;
    Run run;
};

/// The problem with runs settled for some candidates and waived for the others: relief flows from candidates
/// to half-hours. A candidate's price is the same in each half-hour, so taking candidates by price and giving
/// each the most that can still be added (earlier ones may change their half-hours, never their sum) is
/// exactly optimal.
class Relaxation {
  public:
    Relaxation(const Problem& problem, const std::vector<Decision>& decisions)
        : problem_(problem),
          decisions_(decisions),
          slots_(problem.slots),
          flow_(problem.candidates.size() * slots_, 0),
          residual_(problem.target_uw),
          budget_(problem.cost_max),
          users_(slots_) {
        settle_blocks();
        for (const std::size_t index : problem.by_price) {
            if (is_fixed_block(index) || decisions[index].choice == Choice::unused) {
                continue;
            }
            if (!is_worth_buying(problem, problem.candidates[index])) {
                break;
            }
            add(index);
        }
        std::int64_t missing = 0;
        for (const std::int64_t residual : residual_) {
            missing += residual / ppm;
        }
        // Rounded down: a bound must not be above the truth.
        unserved_ = static_cast<std::int64_t>(Wide{missing} * problem.unserved_price / (2 * ppm));
    }

    /// False when the blocks alone cost more than may be spent.
    [[nodiscard]] bool is_feasible() const { return feasible_; }
    /// µ£; no cover that keeps to the decisions has a lower objective.
    [[nodiscard]] std::int64_t objective() const { return cost_ + unserved_; }
    [[nodiscard]] std::int64_t flow(std::size_t index, std::size_t slot) const {
        return flow_[index * slots_ + slot];
    }
    /// The half-hours in which the candidate is used, from the first to the last.
    [[nodiscard]] Run span(std::size_t index) const {
        Run used;
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (flow(index, slot) > 0) {
                used.begin = used.length() == 0 ? slot : used.begin;
                used.end = slot + 1;
            }
        }
        return used;
    }

    /// Whole watts, rounded up, within each candidate's energy.
    [[nodiscard]] Cover cover(const PlanInput& input) const {
        Cover made;
        made.power_w.assign(flow_.size(), 0);
        std::int64_t spent = 0;
        for (const std::size_t index : problem_.by_price) {
            const Candidate& candidate = problem_.candidates[index];
            std::int64_t sum = 0;
            for (std::size_t slot = 0; slot < slots_; ++slot) {
                const std::int64_t per_w = candidate.relief_uw_per_w;
                std::int64_t& power = made.power_w[index * slots_ + slot];
                power = std::min((flow(index, slot) + per_w - 1) / per_w, candidate.supply_w - sum);
                sum += power;
            }
            // Rounding up may pass the budget by a few micro-pounds: give those watts back.
            while (sum > 0 && spent + line_cost(input.offers[candidate.offer], sum) > problem_.cost_max) {
                give_back(made.power_w, index, sum);
            }
            spent += line_cost(input.offers[candidate.offer], sum);
        }
        evaluate(problem_, input, made);
        return made;
    }

  private:
    [[nodiscard]] bool is_fixed_block(std::size_t index) const {
        return problem_.candidates[index].is_block() && decisions_[index].choice == Choice::window;
    }

    void give_back(std::vector<std::int64_t>& powers, std::size_t index, std::int64_t& sum) const {
        if (is_fixed_block(index)) {
            for (std::size_t slot = 0; slot < slots_; ++slot) {
                powers[index * slots_ + slot] = 0;
            }
            sum = 0;
            return;
        }
        for (std::size_t slot = slots_; slot-- > 0;) {
            if (powers[index * slots_ + slot] > 0) {
                --powers[index * slots_ + slot];
                --sum;
                return;
            }
        }
    }

    [[nodiscard]] Wide cost_floor(const Candidate& candidate, Wide relief_uw) const {
        return relief_uw * candidate.price / candidate.relief_uw_per_w / (2 * ppm);
    }

    void settle_blocks() {
        for (std::size_t index = 0; index < decisions_.size(); ++index) {
            if (!is_fixed_block(index)) {
                continue;
            }
            const Candidate& candidate = problem_.candidates[index];
            const Run run = decisions_[index].run;
            const std::int64_t relief = block_power(candidate, run) * candidate.relief_uw_per_w;
            Wide total = 0;
            for (std::size_t slot = run.begin; slot < run.end; ++slot) {
                flow_[index * slots_ + slot] = relief;
                residual_[slot] = std::max<std::int64_t>(0, residual_[slot] - relief);
                total += relief;
            }
            const auto cost = static_cast<std::int64_t>(cost_floor(candidate, total));
            cost_ += cost;
            budget_ -= cost;
        }
        feasible_ = budget_ >= 0;
    }

    [[nodiscard]] std::int64_t room(std::size_t index, std::size_t slot) const {
        const Decision& decision = decisions_[index];
        if (decision.choice == Choice::window && !decision.run.holds(slot)) {
            return 0;
        }
        const Candidate& candidate = problem_.candidates[index];
        return candidate.cap_w[slot] * candidate.relief_uw_per_w - flow(index, slot);
    }

    /// The most that the candidate may give in all: its energy, what its longest run could hold, and the
    /// money.
    [[nodiscard]] std::int64_t supply(std::size_t index) const {
        const Candidate& candidate = problem_.candidates[index];
        std::int64_t watts = candidate.supply_w;
        if (candidate.run_max < slots_) {
            std::vector<std::int64_t> caps = candidate.cap_w;
            std::sort(caps.begin(), caps.end(), std::greater<>());
            std::int64_t longest = 0;
            for (std::size_t slot = 0; slot < candidate.run_max; ++slot) {
                longest += caps[slot];
            }
            watts = std::min(watts, longest);
        }
        const Wide relief = Wide{watts} * candidate.relief_uw_per_w;
        if (candidate.price == 0) {
            return static_cast<std::int64_t>(relief);
        }
        const Wide paid = Wide{budget_} * 2 * ppm * candidate.relief_uw_per_w / candidate.price;
        return static_cast<std::int64_t>(std::min(relief, std::max<Wide>(0, paid)));
    }

    void add(std::size_t index) {
        const std::int64_t offered = supply(index);
        std::int64_t left = offered;
        for (std::size_t slot = 0; slot < slots_ && left > 0; ++slot) {
            left -= push(index, slot, std::min({left, room(index, slot), residual_[slot]}));
        }
        while (left > 0) {
            const std::int64_t moved = augment(index, left);
            if (moved == 0) {
                break;
            }
            left -= moved;
        }
        const auto cost = static_cast<std::int64_t>(cost_floor(problem_.candidates[index], offered - left));
        cost_ += cost;
        budget_ -= cost;
    }

    std::int64_t push(std::size_t index, std::size_t slot, std::int64_t amount) {
        if (amount > 0) {
            if (flow(index, slot) == 0) {
                users_[slot].push_back(index);
            }
            flow_[index * slots_ + slot] += amount;
            residual_[slot] -= amount;
        }
        return amount;
    }

    struct Step {
        bool reached = false;
        std::size_t from = 0;   // slot before, itself at the beginning of the path
        std::size_t mover = 0;  // the candidate that moves from there to here
        bool is_first = false;
    };

    /// Finds a chain of earlier candidates that change half-hours so that `index` can give more. Answers how
    /// much was added.
    std::int64_t augment(std::size_t index, std::int64_t left) {
        if (std::all_of(residual_.begin(), residual_.end(), [](std::int64_t r) { return r == 0; })) {
            return 0;
        }
        std::vector<Step> steps(slots_);
        std::vector<std::size_t> queue;
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (room(index, slot) > 0) {
                steps[slot] = {true, slot, index, true};
                queue.push_back(slot);
            }
        }
        for (std::size_t head = 0; head < queue.size(); ++head) {
            const std::size_t slot = queue[head];
            if (residual_[slot] > 0) {
                return carry(index, slot, steps, left);
            }
            for (const std::size_t mover : users_[slot]) {
                if (flow(mover, slot) == 0 || mover == index) {
                    continue;
                }
                for (std::size_t next = 0; next < slots_; ++next) {
                    if (!steps[next].reached && room(mover, next) > 0) {
                        steps[next] = {true, slot, mover, false};
                        queue.push_back(next);
                    }
                }
            }
        }
        return 0;
    }

    std::int64_t carry(std::size_t index, std::size_t target, const std::vector<Step>& steps,
                       std::int64_t left) {
        std::int64_t amount = std::min(left, residual_[target]);
        std::size_t slot = target;
        for (; !steps[slot].is_first; slot = steps[slot].from) {
            const Step& step = steps[slot];
            amount = std::min({amount, room(step.mover, slot), flow(step.mover, step.from)});
        }
        amount = std::min(amount, room(index, slot));
        residual_[target] -= amount;
        for (slot = target; !steps[slot].is_first; slot = steps[slot].from) {
            const Step& step = steps[slot];
            move(step.mover, step.from, slot, amount);
        }
        if (flow(index, slot) == 0) {
            users_[slot].push_back(index);
        }
        flow_[index * slots_ + slot] += amount;
        return amount;
    }

    void move(std::size_t index, std::size_t from, std::size_t to, std::int64_t amount) {
        flow_[index * slots_ + from] -= amount;
        if (flow(index, to) == 0) {
            users_[to].push_back(index);
        }
        flow_[index * slots_ + to] += amount;
    }

    const Problem& problem_;
    const std::vector<Decision>& decisions_;
    std::size_t slots_;
    std::vector<std::int64_t> flow_;      // µW of relief
    std::vector<std::int64_t> residual_;  // µW still uncovered
    std::int64_t budget_;
    std::int64_t cost_ = 0;
    std::int64_t unserved_ = 0;
    bool feasible_ = true;
    std::vector<std::vector<std::size_t>> users_;  // candidates with flow in a slot; may hold emptied ones
};

/// Depth first, the most promising window first.
class Tree {
  public:
    Tree(const Problem& problem, const PlanInput& input, Cover incumbent, std::int64_t budget)
        : problem_(problem), input_(input), budget_(budget) {
        result_.best = std::move(incumbent);
        node_work_ = 1 + static_cast<std::int64_t>(problem.candidates.size() * problem.slots) / work_per_node;
    }

    Search run() {
        std::vector<Node> open;
        open.push_back({std::vector<Decision>(problem_.candidates.size()), 0});
        std::int64_t bound = std::numeric_limits<std::int64_t>::max();
        bool is_root = true;
        while (!open.empty()) {
            // The root is always looked at, so that there is a bound; everything else waits for the budget.
            if (!is_root && result_.work + node_work_ > budget_) {
                for (const Node& node : open) {
                    bound = std::min(bound, node.bound);
                }
                break;
            }
            Node node = std::move(open.back());
            open.pop_back();
            result_.work += node_work_;
            const Relaxation relaxation(problem_, node.decisions);
            if (!relaxation.is_feasible()) {
                continue;
            }
            const std::int64_t lower = std::max(node.bound, relaxation.objective());
            if (lower + result_.best.objective() / gap_divisor >= result_.best.objective()) {
                bound = std::min(bound, lower);
                is_root = false;
                continue;
            }
            const std::size_t branch = most_violated(node.decisions, relaxation);
            if (branch == problem_.candidates.size()) {
                keep(relaxation.cover(input_));
                bound = std::min(bound, lower);
            } else {
                if (is_root) {
                    round_all(node.decisions, relaxation);
                }
                push_children(open, node, relaxation, branch, lower);
            }
            is_root = false;
        }
        result_.complete = open.empty();
        result_.bound = std::min(bound, result_.best.objective());
        return std::move(result_);
    }

  private:
    struct Node {
        std::vector<Decision> decisions;
        std::int64_t bound = 0;
    };

    void keep(Cover cover) {
        if (cover.objective() < result_.best.objective()) {
            result_.best = std::move(cover);
        }
    }

    [[nodiscard]] bool is_violated(const Decision& decision, const Relaxation& relaxation,
                                   std::size_t index) const {
        const Candidate& candidate = problem_.candidates[index];
        if (decision.choice != Choice::open || !candidate.has_runs(problem_.slots)) {
            return false;
        }
        const std::size_t length = relaxation.span(index).length();
        return candidate.is_block() ? length > 0 : length > candidate.run_max;
    }

    /// The candidate with the most relief among those whose runs the relaxation breaks.
    [[nodiscard]] std::size_t most_violated(const std::vector<Decision>& decisions,
                                            const Relaxation& relaxation) const {
        std::size_t worst = problem_.candidates.size();
        std::int64_t most = -1;
        for (std::size_t index = 0; index < decisions.size(); ++index) {
            if (is_violated(decisions[index], relaxation, index)) {
                const std::int64_t relief = relief_within(relaxation, index, {0, problem_.slots});
                if (relief > most) {
                    most = relief;
                    worst = index;
                }
            }
        }
        return worst;
    }

    [[nodiscard]] static std::int64_t relief_within(const Relaxation& relaxation, std::size_t index,
                                                    Run run) {
        std::int64_t relief = 0;
        for (std::size_t slot = run.begin; slot < run.end; ++slot) {
            relief += relaxation.flow(index, slot);
        }
        return relief;
    }

    /// Windows the candidate could have, the one that holds most of its relief first.
    [[nodiscard]] std::vector<Run> windows(const Relaxation& relaxation, std::size_t index) const {
        const Candidate& candidate = problem_.candidates[index];
        std::vector<Run> runs;
        const std::size_t shortest = candidate.is_block() ? candidate.run_min : candidate.run_max;
        for (std::size_t length = shortest; length <= candidate.run_max; ++length) {
            for (std::size_t begin = 0; begin + length <= problem_.slots; ++begin) {
                const Run run{begin, begin + length};
                if (!candidate.is_block() || block_power(candidate, run) > 0) {
                    runs.push_back(run);
                }
            }
        }
        std::stable_sort(runs.begin(), runs.end(), [&relaxation, index](Run a, Run b) {
            return relief_within(relaxation, index, a) > relief_within(relaxation, index, b);
        });
        return runs;
    }

    void push_children(std::vector<Node>& open, const Node& node, const Relaxation& relaxation,
                       std::size_t branch, std::int64_t lower) const {
        std::vector<Decision> choices;
        for (const Run run : windows(relaxation, branch)) {
            choices.push_back({Choice::window, run});
        }
        if (problem_.candidates[branch].is_block()) {
            choices.push_back({Choice::unused, {}});
        }
        for (auto choice = choices.rbegin(); choice != choices.rend(); ++choice) {
            Node child{node.decisions, lower};
            child.decisions[branch] = *choice;
            open.push_back(std::move(child));
        }
    }

    /// A quick good plan: every candidate whose runs are broken takes its best window (a block none), until
    /// nothing is broken.
    void round_all(std::vector<Decision> decisions, const Relaxation& root) {
        std::vector<Decision> next = decisions;
        for (std::size_t round = 0; round <= problem_.slots; ++round) {
            if (result_.work + node_work_ > budget_) {
                return;
            }
            bool broken = false;
            if (round == 0) {
                broken = settle(next, root);
            } else {
                result_.work += node_work_;
                const Relaxation relaxation(problem_, next);
                broken = settle(next, relaxation);
                if (!broken) {
                    keep(relaxation.cover(input_));
                    return;
                }
            }
        }
    }

    bool settle(std::vector<Decision>& decisions, const Relaxation& relaxation) const {
        bool broken = false;
        for (std::size_t index = 0; index < decisions.size(); ++index) {
            if (!is_violated(decisions[index], relaxation, index)) {
                continue;
            }
            broken = true;
            if (problem_.candidates[index].is_block()) {
                decisions[index] = {Choice::unused, {}};
            } else {
                decisions[index] = {Choice::window, windows(relaxation, index).front()};
            }
        }
        return broken;
    }

    const Problem& problem_;
    const PlanInput& input_;
    std::int64_t budget_;
    std::int64_t node_work_ = 1;
    Search result_;
};

}  // namespace

Search search(const Problem& problem, const PlanInput& input, Cover incumbent, std::int64_t work_budget) {
    Tree tree(problem, input, std::move(incumbent), work_budget);
    return tree.run();
}

}  // namespace headroom::flex
