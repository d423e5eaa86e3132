#include "trust/substation_trust.hpp"

#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace headroom::trust {
namespace {

constexpr double record_fade = 1.0 / 720.0;  // a slot: five days of 10 min
constexpr double record_max = 15.0;

}  // namespace

SubstationTrust::SubstationTrust(std::vector<std::string> feeders, std::size_t phases, SubstationRules rules)
    : names_(std::move(feeders)),
      phases_(phases),
      rules_(rules),
      accuracy_(rules.accuracy),
      balance_(phases),
      watches_(names_.size() + 1, ShiftWatch(phases, rules.shift)),
      blames_(names_.size() + 1, Blame(phases, rules.shift)),
      records_(names_.size(), 0.0),
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
            is_alarm =
                balance.cusum.take(balance.difference_kw / accuracy_.deviation_kw(balance.variance_kw2),
                                   rules_.cusum) ||
                is_alarm;
        }
    }
    for (const Balance& balance : balance_) {
        accuracy_.take(balance.difference_kw, balance.variance_kw2, is_alarm);
    }
    return is_alarm;
}

void SubstationTrust::take_residuals(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                     bool is_alarm) {
    const bool is_open = accuracy_.is_learnt() &&
                         std::any_of(balance_.begin(), balance_.end(),
                                     [](const Balance& balance) { return balance.cusum.statistic() > 0.0; });
    std::vector<double> correction(phases_);
    for (std::size_t m = 0; m < watches_.size(); ++m) {
        const bool is_busbar = m == names_.size();
        const std::span<const double> kw = is_busbar ? busbar_kw : feeders_kw.subspan(m * phases_, phases_);
        for (std::size_t p = 0; p < phases_; ++p) {
            correction[p] = is_busbar ? -balance_[p].difference_kw : balance_[p].difference_kw;
        }
        watches_[m].take(kw, is_alarm);
        blames_[m].take(watches_[m], kw, correction, is_open);
    }
}

void SubstationTrust::add_balance(SubstationVerdict& verdict) const {
    std::size_t worst = 0;
    for (std::size_t p = 1; p < phases_; ++p) {
        if (balance_[p].cusum.statistic() > balance_[worst].cusum.statistic()) {
            worst = p;
        }
    }
    const double statistic = balance_[worst].cusum.statistic();
    verdict.score = std::max(verdict.score, statistic / rules_.cusum.limit);
    if (statistic <= rules_.cusum.limit) {
        return;
    }
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
         .threshold = rules_.cusum.limit,
         .confidence = confidence_of(statistic, rules_.cusum.limit),
         .detail = fmt::format("the busbar reads {:+.2f} kW more than its feeders on phase {} (usual "
                               "deviation {:.2f} kW), sum {:.1f} "
                               "against {:.1f}; {} explains it best, ahead of {} by {:.1f}",
                               balance_[worst].difference_kw, worst + 1,
                               accuracy_.deviation_kw(balance_[worst].variance_kw2), statistic,
                               rules_.cusum.limit, name(order[0]), name(order[1]), lead)});
}

void SubstationTrust::add_shift(SubstationVerdict& verdict) {
    for (std::size_t f = 0; f < names_.size(); ++f) {
        const auto& ratios = watches_[f].ratios();
        double strongest = 0.0;
        double share = 0.0;
        for (std::size_t i = 0; i < ratios.size(); ++i) {
            double other = 0.0;
            const std::size_t first = shift_shares[i] < 0.0 ? 0 : shift_shares.size() / 2;
            for (std::size_t g = 0; g < names_.size(); ++g) {
                for (std::size_t k = first; g != f && k < first + shift_shares.size() / 2; ++k) {
                    other = std::max(other, watches_[g].ratios()[k]);
                }
            }
            const double ratio = ratios[i] - rules_.others_share * other;
            if (ratio > strongest) {
                strongest = ratio;
                share = shift_shares[i];
            }
        }
        const double needed = rules_.shift_ratio + rules_.record_share * records_[f];
        records_[f] = std::max(records_[f] * (1.0 - record_fade), std::min(strongest, record_max));
        verdict.score = std::max(verdict.score, strongest / needed);
        if (strongest <= needed) {
            continue;
        }
        verdict.evidence.push_back(
            {.layer = Layer::residual,
             .meter = names_[f],
             .statistic = strongest,
             .threshold = needed,
             .confidence = confidence_of(strongest, needed),
             .detail =
                 fmt::format("every phase of {} moved by {:+.0f} % of its mean load at once, against its own "
                             "forecast and unlike the other feeders: log-likelihood ratio {:.1f} of {:.1f}",
                             names_[f], 100.0 * share, strongest, needed)});
        if (verdict.evidence.size() == 1 ||
            strongest / needed > verdict.evidence.front().statistic / verdict.evidence.front().threshold) {
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
    if (seen_ <= rules_.warm_up) {
        return verdict;
    }
    add_balance(verdict);
    if (since_alarm_ >= rules_.quiet_after) {
        add_shift(verdict);
    }
    verdict.is_doubted = !verdict.evidence.empty();
    std::sort(verdict.evidence.begin(), verdict.evidence.end(),
              [](const Evidence& a, const Evidence& b) { return a.confidence > b.confidence; });
    return verdict;
}

}  // namespace headroom::trust
