#include "flex/plan_problem.hpp"
#include "flex/relaxation.hpp"

#include <algorithm>
#include <limits>

namespace headroom::flex {

namespace {

/// From this round on, rounding settles every run at once.
constexpr int patient_rounds = 3;
/// How close to its bound a plan is good enough: 10 ppm for a small problem, 1000 ppm for a large one, where
/// every further digit costs many nodes.
constexpr std::size_t small_problem = 128;  // candidate-slots
constexpr std::int64_t gap_divisor_small = 100'000;
constexpr std::int64_t gap_divisor_large = 1'000;

/// Depth first, the most promising window first.
class Tree {
  public:
    Tree(const Problem& problem, const PlanInput& input, Cover incumbent, std::int64_t budget)
        : problem_(problem), input_(input), budget_(budget) {
        result_.best = std::move(incumbent);
        const std::size_t size = problem.candidates.size() * problem.slots;
        gap_divisor_ = size <= small_problem ? gap_divisor_small : gap_divisor_large;
    }

    Search run() {
        std::vector<Node> open;
        open.push_back({std::vector<Decision>(problem_.candidates.size()), 0});
        std::int64_t bound = std::numeric_limits<std::int64_t>::max();
        bool is_root = true;
        while (!open.empty()) {
            // The root is always looked at, so that there is a bound; everything else waits for the budget.
            if (!is_root && result_.work >= budget_) {
                for (const Node& node : open) {
                    bound = std::min(bound, node.bound);
                }
                break;
            }
            Node node = std::move(open.back());
            open.pop_back();
            const Relaxation relaxation(problem_, node.decisions);
            result_.work += relaxation.work();
            if (!relaxation.is_feasible()) {
                continue;
            }
            const std::int64_t lower = std::max(node.bound, relaxation.objective());
            if (lower + result_.best.objective() / gap_divisor_ >= result_.best.objective()) {
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

    /// A quick good plan: every candidate whose runs are broken takes its best window (a block none), and so
    /// on with what that breaks; in the end all at once.
    void round_all(std::vector<Decision> decisions, const Relaxation& root) {
        settle(decisions, root, false);
        for (int round = 1; round <= patient_rounds + 1 && result_.work < budget_; ++round) {
            const Relaxation relaxation(problem_, decisions);
            result_.work += relaxation.work();
            if (!settle(decisions, relaxation, round >= patient_rounds)) {
                keep(relaxation.cover(input_));
                return;
            }
        }
    }

    /// Fixes the broken runs, or every run. False when nothing was broken.
    bool settle(std::vector<Decision>& decisions, const Relaxation& relaxation, bool everything) const {
        bool is_broken = false;
        for (std::size_t index = 0; index < decisions.size(); ++index) {
            const Candidate& candidate = problem_.candidates[index];
            const bool is_open =
                decisions[index].choice == Choice::open && candidate.has_runs(problem_.slots);
            const bool is_violation = is_violated(decisions[index], relaxation, index);
            is_broken = is_broken || is_violation;
            if (!is_violation && !(everything && is_open)) {
                continue;
            }
            decisions[index] = candidate.is_block()
                                   ? Decision{Choice::unused, {}}
                                   : Decision{Choice::window, windows(relaxation, index).front()};
        }
        return is_broken;
    }

    const Problem& problem_;
    const PlanInput& input_;
    std::int64_t budget_;
    std::int64_t gap_divisor_ = gap_divisor_small;
    Search result_;
};

}  // namespace

Search search(const Problem& problem, const PlanInput& input, Cover incumbent, std::int64_t work_budget) {
    Tree tree(problem, input, std::move(incumbent), work_budget);
    return tree.run();
}

}  // namespace headroom::flex
