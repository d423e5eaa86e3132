#include "trust/live_substation.hpp"

#include "core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::trust {
namespace {

SubstationRules rules_of(const LiveRules& live, std::size_t phases) {
    SubstationRules rules;
    rules.shift.slots = live.slots;
    rules.warm_up = 2 * live.slots;
    rules.accuracy.learn = live.slots * phases;  // differences: a day
    return rules;
}

bool is_whole(std::span<const double> busbar_kw, std::span<const double> feeders_kw) {
    const auto is_there = [](double kw) { return std::isfinite(kw); };
    return std::all_of(busbar_kw.begin(), busbar_kw.end(), is_there) &&
           std::all_of(feeders_kw.begin(), feeders_kw.end(), is_there);
}

BalanceSample sample_of(std::span<const double> busbar_kw, std::span<const double> feeders_kw) {
    return {.busbar_kw = std::vector<double>(busbar_kw.begin(), busbar_kw.end()),
            .feeders_kw = std::vector<double>(feeders_kw.begin(), feeders_kw.end())};
}

Evidence evidence_of(const CommissioningFault& fault, std::string_view since) {
    const double threshold = std::max(fault.after_kw, 0.5);
    return {.layer = Layer::balance,
            .meter = fault.meter,
            .statistic = fault.before_kw,
            .threshold = threshold,
            .confidence = confidence_of(fault.before_kw, threshold),
            .detail =
                fmt::format("{} the busbar is off its feeders by {:.1f} kW a phase; {}{}{} leaves {:.1f} kW",
                            since, fault.before_kw, fault.meter, fault.meter.empty() ? "" : ": ",
                            fault.proposal, fault.after_kw)};
}

}  // namespace

LiveSubstation::LiveSubstation(std::vector<std::string> feeders, std::size_t phases, LiveRules rules)
    : names_(std::move(feeders)),
      phases_(phases),
      rules_(rules),
      trust_(names_, phases, rules_of(rules, phases)),
      doubted_(rules.incident),
      silent_(rules.silence),
      masking_(names_.size(), rules.masking),
      masked_(names_.size(), Incident(rules.incident)),
      last_((names_.size() + 1) * phases, std::nan("")) {}

std::optional<std::size_t> LiveSubstation::position_of(const std::string& meter) const {
    const auto found = std::find(names_.begin(), names_.end(), meter);
    if (found != names_.end()) {
        return static_cast<std::size_t>(found - names_.begin());
    }
    return meter.empty() ? std::nullopt : std::optional(names_.size());
}

/// A balance that was never even: told at the end of the first whole day, looked at again every day.
void LiveSubstation::look_at_connection(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                        std::vector<LiveFinding>& out) {
    if ((!is_first_day_ && faults_.empty()) || !is_whole(busbar_kw, feeders_kw)) {
        return;
    }
    first_day_.push_back(sample_of(busbar_kw, feeders_kw));
    if (first_day_.size() < rules_.slots) {
        return;
    }
    const bool was_off = !faults_.empty();
    faults_ = find_commissioning_faults(first_day_, names_);
    std::vector<BalanceSample>().swap(first_day_);
    if (!std::exchange(is_first_day_, false)) {
        if (was_off &&
            faults_.empty()) {  // somebody has mended it: what was learnt meanwhile is worth nothing
            trust_ = SubstationTrust(names_, phases_, rules_of(rules_, phases_));
            seen_ = 0;
            out.push_back({.change = IncidentChange::closed, .kind = IncidentKind::commissioning});
        }
        return;
    }
    for (const CommissioningFault& fault : faults_) {
        out.push_back({.change = IncidentChange::opened,
                       .kind = IncidentKind::commissioning,
                       .meter = position_of(fault.meter),
                       .evidence = evidence_of(fault, "from the first reading on"),
                       .fault = fault});
    }
}

/// A meter that was connected anew looks like an attack until its readings, mended, make the balance even.
void LiveSubstation::explain_since(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                   std::vector<LiveFinding>& out) {
    if (is_explained_ || !is_whole(busbar_kw, feeders_kw)) {
        return;
    }
    since_.push_back(sample_of(busbar_kw, feeders_kw));
    if (since_.size() < rules_.explain_after) {
        return;
    }
    is_explained_ = true;
    const std::vector<CommissioningFault> faults = find_commissioning_faults(since_, names_);
    std::vector<BalanceSample>().swap(since_);
    // One change of one meter that leaves nearly nothing; anything less stays what it was.
    if (faults.size() != 1 || faults.front().factor.empty() ||
        faults.front().after_kw > 0.05 * faults.front().before_kw) {
        return;
    }
    out.push_back({.change = IncidentChange::opened,
                   .kind = IncidentKind::commissioning,
                   .meter = position_of(faults.front().meter),
                   .evidence = evidence_of(faults.front(), "since the balance broke"),
                   .fault = faults.front()});
}

void LiveSubstation::look_at_meters(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                    std::vector<LiveFinding>& out) {
    const SubstationVerdict verdict = trust_.take(busbar_kw, feeders_kw);
    // A balance that never was even is the operator's to correct, and no news of an attack.
    const bool is_news =
        verdict.is_doubted && (faults_.empty() || verdict.evidence.front().layer != Layer::balance);
    const IncidentChange change = doubted_.take(is_news);
    if (change == IncidentChange::closed) {
        out.push_back({.change = change, .kind = IncidentKind::tampering, .meter = accused_});
        accused_.reset();
        strongest_ = 0.0;
        is_explained_ = false;
        since_.clear();
        return;
    }
    if (!doubted_.is_open() || !is_news) {
        return;
    }
    const Evidence& first = verdict.evidence.front();
    const double score = first.statistic / std::max(first.threshold, 1e-9);
    const bool is_stronger = score > 1.05 * strongest_;
    const bool is_other = verdict.accused && verdict.accused != accused_;
    strongest_ = std::max(strongest_, score);
    accused_ = verdict.accused ? verdict.accused : accused_;
    if (change == IncidentChange::opened || is_stronger || is_other) {
        out.push_back(
            {.change = change, .kind = IncidentKind::tampering, .meter = accused_, .evidence = first});
    }
    if (first.layer == Layer::balance) {
        explain_since(busbar_kw, feeders_kw, out);
    }
}

/// Many meters that are silent, or repeat themselves, at once: the way they come is at fault.
void LiveSubstation::look_at_way(std::span<const double> busbar_kw, std::span<const double> feeders_kw,
                                 std::vector<LiveFinding>& out) {
    std::vector<double> now(feeders_kw.begin(), feeders_kw.end());
    now.insert(now.end(), busbar_kw.begin(), busbar_kw.end());
    const std::size_t meters = names_.size() + 1;
    std::size_t silent = 0;
    std::size_t repeating = 0;
    for (std::size_t m = 0; m < meters; ++m) {
        bool is_there = false;
        bool is_same = true;
        for (std::size_t i = m * phases_; i < (m + 1) * phases_; ++i) {
            is_there = is_there || std::isfinite(now[i]);
            is_same = is_same && now[i] == last_[i] && now[i] != 0.0;
        }
        silent += is_there ? 0 : 1;
        repeating += is_there && is_same ? 1 : 0;
    }
    last_ = std::move(now);
    const auto share = [meters](std::size_t count) {
        return static_cast<double>(count) / static_cast<double>(meters);
    };
    const bool is_silent = share(silent) >= rules_.silent_share;
    const bool is_repeating = share(repeating) >= rules_.repeat_share;
    const IncidentChange change = silent_.take(seen_ > 1 && (is_silent || is_repeating));
    if (change == IncidentChange::none) {
        return;
    }
    LiveFinding finding{.change = change, .kind = IncidentKind::communication};
    if (change == IncidentChange::opened) {
        const double found = is_silent ? share(silent) : share(repeating);
        const double needed = is_silent ? rules_.silent_share : rules_.repeat_share;
        finding.evidence = {
            .layer = Layer::validation,
            .statistic = found,
            .threshold = needed,
            .confidence = confidence_of(found, needed),
            .detail = fmt::format("{} of {} meters {}: the way they come, not a meter",
                                  is_silent ? silent : repeating, meters,
                                  is_silent ? "are silent" : "repeat themselves to the last digit")};
    }
    out.push_back(std::move(finding));
}

void LiveSubstation::look_for_masking(std::span<const double> feeders_kw, std::span<const Outlook> outlooks,
                                      std::vector<LiveFinding>& out) {
    if (outlooks.empty()) {
        return;
    }
    std::vector<double> kw(names_.size(), 0.0);
    for (std::size_t i = 0; i < feeders_kw.size(); ++i) {
        kw[i / phases_] += feeders_kw[i];
    }
    std::vector<std::optional<Evidence>> found = masking_.take(kw, outlooks, names_);
    for (std::size_t f = 0; f < found.size(); ++f) {
        const IncidentChange change = masked_[f].take(found[f].has_value());
        if (change != IncidentChange::none) {
            out.push_back({.change = change,
                           .kind = IncidentKind::masking,
                           .meter = f,
                           .evidence = found[f] ? std::move(*found[f]) : Evidence{}});
        }
    }
}

std::vector<LiveFinding> LiveSubstation::take(std::span<const double> busbar_kw,
                                              std::span<const double> feeders_kw,
                                              std::span<const Outlook> outlooks) {
    HEADROOM_ASSERT(busbar_kw.size() == phases_ && feeders_kw.size() == phases_ * names_.size() &&
                    (outlooks.empty() || outlooks.size() == names_.size()));
    std::vector<LiveFinding> out;
    ++seen_;
    look_at_connection(busbar_kw, feeders_kw, out);
    look_at_meters(busbar_kw, feeders_kw, out);
    look_at_way(busbar_kw, feeders_kw, out);
    look_for_masking(feeders_kw, outlooks, out);
    return out;
}

}  // namespace headroom::trust
