#include "trust/substation_trust.hpp"

#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace headroom::trust {
namespace {

/// The habit's hours, which its rules count in readings of so many a day, in those of this substation.
HabitRules habit_of(const SubstationRules& rules) {
    HabitRules habit = rules.habit;
    const auto here = [&rules](std::size_t slots) {
        return std::max<std::size_t>(1, slots * rules.shift.slots / rules.habit.slots);
    };
    habit.back_after = here(rules.habit.back_after);
    habit.back_within = here(rules.habit.back_within);
    habit.memory *= static_cast<double>(rules.shift.slots) / static_cast<double>(rules.habit.slots);
    habit.slots = rules.shift.slots;
    return habit;
}

/// Likewise.
StayRules stay_rules_of(const SubstationRules& rules) {
    StayRules stay = rules.stay;
    const auto here = [&rules](std::size_t slots) {
        return std::max<std::size_t>(1, slots * rules.shift.slots / rules.stay.slots);
    };
    stay.stay = here(rules.stay.stay);
    stay.beside = here(rules.stay.beside);
    stay.slots = rules.shift.slots;
    return stay;
}

}  // namespace

SubstationTrust::SubstationTrust(std::vector<std::string> feeders, std::size_t phases, SubstationRules rules)
    : names_(std::move(feeders)),
      phases_(phases),
      rules_(rules),
      accuracy_(rules.accuracy),
      balance_(phases),
      watches_(names_.size() + 1, ShiftWatch(phases, rules.shift)),
      blames_(names_.size() + 1, Blame(phases, rules.shift)),
      habits_(names_.size(), ShiftHabit(habit_of(rules))),
      stays_(names_.size(), StayWatch(phases, stay_rules_of(rules))),
      since_alarm_(rules.quiet_after) {
    HEADROOM_ASSERT(!names_.empty() && phases >= 1 && phases <= 3);
}

std::string SubstationTrust::name(std::size_t meter) const {
    return meter < names_.size() ? names_[meter] : "the busbar";
}

bool SubstationTrust::take_balance(std::span<const double> busbar_kw, std::span<const double> feeders_kw) {
    bool is_alarm = false;
    for (std::size_t p = 0; p < phases_; ++p) {
        Balance& balance = balance_[p];
        balance.difference_kw = busbar_kw[p];
        balance.variance_kw2 = accuracy_.variance_kw2(busbar_kw[p]);
        for (std::size_t f = 0; f < names_.size(); ++f) {
            balance.difference_kw -= feeders_kw[f * phases_ + p];
            balance.variance_kw2 += accuracy_.variance_kw2(feeders_kw[f * phases_ + p]);
        }
        if (accuracy_.is_learnt()) {
            const double z = balance.difference_kw / accuracy_.deviation_kw(balance.variance_kw2);
            is_alarm = balance.cusum.take(z, rules_.cusum) || is_alarm;
            unrest_.add(z, rules_.unrest);
        }
    }
    is_alarm = unrest_.settle(rules_.unrest) || is_alarm;
    for (const Balance& balance : balance_) {
        accuracy_.take(balance.difference_kw, balance.variance_kw2, is_alarm);
    }
    return is_alarm;
}

void SubstationTrust::take_residuals(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                     bool is_alarm) {
    const bool is_open =
        accuracy_.is_learnt() && (unrest_.sum > 0.5 * rules_.unrest.limit ||
                                  std::any_of(balance_.begin(), balance_.end(), [](const Balance& balance) {
                                      return balance.cusum.statistic() > 0.0;
                                  }));
    std::vector<double> correction(phases_);
    for (std::size_t m = 0; m < watches_.size(); ++m) {
        const bool is_busbar = m == names_.size();
        const std::span<const double> kw = is_busbar ? busbar_kw : feeders_kw.subspan(m * phases_, phases_);
        for (std::size_t p = 0; p < phases_; ++p) {
            correction[p] = is_busbar ? -balance_[p].difference_kw : balance_[p].difference_kw;
        }
        watches_[m].take(kw, is_alarm);
        blames_[m].take(watches_[m], kw, correction, is_open);
        if (!is_busbar) {
            stays_[m].take(kw, watches_[m].means(), is_alarm);
        }
    }
}

void SubstationTrust::accuse(SubstationVerdict& verdict, double statistic, double threshold,
                             const std::string& what) const {
    std::vector<std::size_t> order(blames_.size());
    for (std::size_t m = 0; m < order.size(); ++m) {
        order[m] = m;
    }
    std::sort(order.begin(), order.end(),
              [this](std::size_t a, std::size_t b) { return blames_[a].weight() > blames_[b].weight(); });
    const double lead = blames_[order[0]].weight() - blames_[order[1]].weight();
    verdict.accused = lead > rules_.blame_margin ? std::optional(order[0]) : std::nullopt;
    verdict.evidence.push_back(
        {.layer = Layer::balance,
         .meter = verdict.accused ? name(order[0]) : std::string(),
         .statistic = statistic,
         .threshold = threshold,
         .confidence = confidence_of(statistic, threshold),
         .detail = fmt::format("{}, sum {:.1f} against {:.1f}; {} explains it best, ahead of {} by {:.1f}",
                               what, statistic, threshold, name(order[0]), name(order[1]), lead)});
}

void SubstationTrust::add_balance(SubstationVerdict& verdict) const {
    std::size_t worst = 0;
    for (std::size_t p = 1; p < phases_; ++p) {
        if (balance_[p].cusum.statistic() > balance_[worst].cusum.statistic()) {
            worst = p;
        }
    }
    const double statistic = balance_[worst].cusum.statistic();
    verdict.score =
        std::max({verdict.score, statistic / rules_.cusum.limit, unrest_.sum / rules_.unrest.limit});
    if (statistic > rules_.cusum.limit) {
        accuse(verdict, statistic, rules_.cusum.limit,
               fmt::format("the busbar reads {:+.2f} kW more than its feeders on phase {} (usual deviation "
                           "{:.2f} kW)",
                           balance_[worst].difference_kw, worst + 1,
                           accuracy_.deviation_kw(balance_[worst].variance_kw2)));
    } else if (unrest_.sum > rules_.unrest.limit) {
        accuse(verdict, unrest_.sum, rules_.unrest.limit,
               fmt::format("busbar and feeders differ to and fro, by {:.2f} kW on phase {} now (usual "
                           "deviation {:.2f} kW): noise on a meter",
                           balance_[worst].difference_kw, worst + 1,
                           accuracy_.deviation_kw(balance_[worst].variance_kw2)));
    }
}

SubstationTrust::Moves SubstationTrust::moves_of(std::size_t feeder) const {
    const auto& ratios = watches_[feeder].ratios();
    constexpr std::size_t half = shift_shares.size() / 2;  // down, then up
    Moves moves{.share_down = shift_shares.front(), .share_up = shift_shares.back()};
    std::array<double, 2> other{};
    for (std::size_t g = 0; g < names_.size(); ++g) {
        for (std::size_t i = 0; g != feeder && i < ratios.size(); ++i) {
            other[i / half] = std::max(other[i / half], watches_[g].ratios()[i]);
        }
    }
    for (std::size_t i = 0; i < ratios.size(); ++i) {
        const double ratio = ratios[i] - rules_.others_share * other[i / half];
        double& best = i < half ? moves.down : moves.up;
        if (ratio > best) {
            best = ratio;
            (i < half ? moves.share_down : moves.share_up) = shift_shares[i];
        }
    }
    return moves;
}

double SubstationTrust::stay_of(std::size_t feeder) const {
    double other = 0.0;
    for (std::size_t g = 0; g < stays_.size(); ++g) {
        other = g == feeder ? other : std::max(other, stays_[g].tenths());
    }
    return stays_.size() < 2 ? 0.0 : stays_[feeder].worth(stays_[feeder].tenths() - other);
}

std::string SubstationTrust::told(const std::string& feeder, const Moves& moves,
                                  const ShiftHabit::Answer& answer) {
    if (answer.stay > std::max(answer.single, answer.pair)) {
        return fmt::format(
            "every phase of {} moved up at once {} readings ago and has for hours not come down to where it "
            "was "
            "at this time on every day before, unlike the other feeders",
            feeder, answer.stay_ago);
    }
    return fmt::format(
        "every phase of {} moved by {:+.0f} % of its mean load at once{}, against its own forecast, unlike "
        "the "
        "other feeders and its own habit",
        feeder, 100.0 * (moves.down > moves.up ? moves.share_down : moves.share_up),
        answer.pair > answer.single ? fmt::format(", back from a like move {} readings ago", answer.ago)
                                    : std::string());
}

void SubstationTrust::add_shift(SubstationVerdict& verdict, bool is_known) {
    for (std::size_t f = 0; f < names_.size(); ++f) {
        const Moves moves = moves_of(f);
        const ShiftHabit::Answer answer = habits_[f].take(moves.down, moves.up, stay_of(f), is_known);
        const double strongest = std::max({answer.single, answer.pair, answer.stay});
        if (!is_known || seen_ <= rules_.warm_up) {
            continue;
        }
        verdict.score = std::max(verdict.score, strongest / rules_.shift_ratio);
        if (strongest <= rules_.shift_ratio) {
            continue;
        }
        verdict.evidence.push_back(
            {.layer = Layer::residual,
             .meter = names_[f],
             .statistic = strongest,
             .threshold = rules_.shift_ratio,
             .confidence = confidence_of(strongest, rules_.shift_ratio),
             .detail = fmt::format("{}: log-likelihood ratio {:.1f} of {:.1f}",
                                   told(names_[f], moves, answer), strongest, rules_.shift_ratio)});
        if (verdict.evidence.size() == 1 ||
            strongest / rules_.shift_ratio >
                verdict.evidence.front().statistic / verdict.evidence.front().threshold) {
            verdict.accused = f;
        }
    }
}

SubstationVerdict SubstationTrust::take(std::span<const double> busbar_kw,
                                        std::span<const double> feeders_kw) {
    HEADROOM_ASSERT(busbar_kw.size() == phases_ && feeders_kw.size() == phases_ * names_.size());
    const bool is_alarm = take_balance(busbar_kw, feeders_kw);
    take_residuals(busbar_kw, feeders_kw, is_alarm);
    SubstationVerdict verdict;
    ++seen_;
    since_alarm_ = is_alarm ? 0 : since_alarm_ + 1;
    if (seen_ > rules_.warm_up) {
        add_balance(verdict);
    }
    if (seen_ > rules_.shift.slots) {
        add_shift(verdict, since_alarm_ >= rules_.quiet_after);
    }
    verdict.is_doubted = !verdict.evidence.empty();
    std::sort(verdict.evidence.begin(), verdict.evidence.end(),
              [](const Evidence& a, const Evidence& b) { return a.confidence > b.confidence; });
    return verdict;
}

}  // namespace headroom::trust
