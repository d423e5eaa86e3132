#include "app/trust_score.hpp"
#include "core/time.hpp"
#include "trust/commissioning.hpp"
#include "trust/incident.hpp"
#include "trust/substation_trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr std::uint64_t readings_rows_max = 50'000'000;
constexpr std::size_t gap_slots_max = 1'440;
constexpr int feeder_max = 10'000;

using Channel = std::pair<int, std::size_t>;  // feeder (0: the busbar), phase
struct Substation {
    std::map<UtcTime, std::map<Channel, double>> times;
};
using Substations = std::map<std::string, Substation, std::less<>>;

constexpr std::array<std::string_view, 5> readings_columns{"timestamp", "substation", "feeder", "phase",
                                                           "kw"};
constexpr std::array<std::string_view, 3> phases{"L1", "L2", "L3"};

Result<void> take_row(const std::filesystem::path& file, const CsvRow& row, Substations& all) {
    if (row.fields.size() != readings_columns.size()) {
        return row_error(file, row,
                         fmt::format("{} fields instead of {}", row.fields.size(), readings_columns.size()));
    }
    if (row.line == 1) {
        const bool is_known =
            std::equal(readings_columns.begin(), readings_columns.end(), row.fields.begin());
        return is_known ? Result<void>()
                        : row_error(file, row, "the header is not timestamp,substation,feeder,phase,kw");
    }
    const Result<UtcTime> at = parse_utc_assumed(row.fields[0]);
    if (!at) {
        return row_error(file, row, at.error().message);
    }
    const std::optional<double> feeder = parse_csv_number(row.fields[2]);
    if (!feeder || *feeder < 0 || *feeder > feeder_max || std::floor(*feeder) != *feeder) {
        return row_error(file, row,
                         fmt::format("feeder \"{}\" is no number from 0 to {}", row.fields[2], feeder_max));
    }
    const auto phase = std::find(phases.begin(), phases.end(), row.fields[3]);
    if (phase == phases.end()) {
        return row_error(file, row, fmt::format("phase \"{}\" is not L1, L2 or L3", row.fields[3]));
    }
    if (row.fields[4].empty()) {
        return {};
    }
    const std::optional<double> kw = parse_csv_number(row.fields[4]);
    if (!kw) {
        return row_error(file, row, fmt::format("kw \"{}\" is no number", row.fields[4]));
    }
    auto place = all.find(row.fields[1]);
    if (place == all.end()) {
        place = all.emplace(std::string(row.fields[1]), Substation{}).first;
    }
    place->second.times[*at][{static_cast<int>(*feeder), static_cast<std::size_t>(phase - phases.begin())}] =
        *kw;
    return {};
}

/// The distance of most readings; nothing when there are fewer than two.
std::optional<milliseconds> cadence_of(const Substation& substation) {
    std::map<milliseconds, std::size_t> times;
    for (auto now = substation.times.begin(), next = now; next != substation.times.end(); now = next) {
        if (++next != substation.times.end()) {
            ++times[next->first - now->first];
        }
    }
    const auto most = std::max_element(times.begin(), times.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return times.empty() ? std::nullopt : std::optional(most->first);
}

/// "2026-01-31 17:50:00", as the readings have it.
std::string plain_time(UtcTime at) {
    std::string text = format_utc(at).substr(0, 19);
    text[10] = ' ';
    return text;
}

class SubstationRun {
  public:
    SubstationRun(const std::string& name, const Substation& substation, milliseconds cadence,
                  std::string& text)
        : name_(name), readings_(substation), cadence_(cadence), text_(text) {
        for (const auto& [at, channels] : substation.times) {
            for (const auto& [channel, kw] : channels) {
                if (channel.first > 0 &&
                    std::find(feeders_.begin(), feeders_.end(), channel.first) == feeders_.end()) {
                    feeders_.push_back(channel.first);
                }
                has_busbar_ = has_busbar_ || channel.first == 0;
            }
        }
        std::sort(feeders_.begin(), feeders_.end());
    }
    [[nodiscard]] bool can_be_judged() const { return has_busbar_ && !feeders_.empty(); }

    void judge(TrustScore& score) {
        trust::SubstationRules rules;
        rules.shift.slots = static_cast<std::size_t>(day_length / cadence_);
        rules.warm_up = 2 * rules.shift.slots;
        rules.accuracy.learn = rules.shift.slots * phases.size();
        for (const int feeder : feeders_) {
            names_.push_back(fmt::format("feeder {}", feeder));
        }
        slots_a_day_ = rules.shift.slots;
        trust::SubstationTrust trust(names_, phases.size(), rules);
        // The layers already count: one of their alarms is enough.
        trust::Incident incident({.raise = 1, .among = 1, .clear = 6, .refractory = 0});
        UtcTime expected = readings_.times.begin()->first;
        for (const auto& [at, channels] : readings_.times) {
            for (std::size_t gap = 0; expected < at && gap < gap_slots_max; ++gap, expected += cadence_) {
                take(trust, incident, expected, {}, score);
            }
            take(trust, incident, at, channels, score);
            expected = at + cadence_;
        }
        incidents += incident.opened();
    }
    std::uint64_t incidents = 0;
    std::string faults;  ///< of commissioning, a line each

  private:
    void find_faults() {
        looked_ = true;
        for (const trust::CommissioningFault& fault : trust::find_commissioning_faults(first_day_, names_)) {
            faults += fmt::format("\n{}: {}{}{}: {} ({:.1f} kW off without, {:.1f} kW with)", name_,
                                  to_string(fault.kind), fault.meter.empty() ? "" : " ", fault.meter,
                                  fault.proposal, fault.before_kw, fault.after_kw);
        }
        first_day_.clear();
    }
    void take(trust::SubstationTrust& trust, trust::Incident& incident, UtcTime at,
              const std::map<Channel, double>& channels, TrustScore& score) {
        const auto value = [&channels](int feeder, std::size_t phase) {
            const auto found = channels.find({feeder, phase});
            return found == channels.end() ? std::nan("") : found->second;
        };
        std::vector<double> busbar, feeders;
        for (std::size_t phase = 0; phase < phases.size(); ++phase) {
            busbar.push_back(value(0, phase));
        }
        for (const int feeder : feeders_) {
            for (std::size_t phase = 0; phase < phases.size(); ++phase) {
                feeders.push_back(value(feeder, phase));
            }
        }
        const auto is_there = [](double kw) { return std::isfinite(kw); };
        if (!looked_ && std::all_of(busbar.begin(), busbar.end(), is_there) &&
            std::all_of(feeders.begin(), feeders.end(), is_there)) {
            first_day_.push_back({.busbar_kw = busbar, .feeders_kw = feeders});
        }
        if (first_day_.size() == slots_a_day_) {
            find_faults();
        }
        const trust::SubstationVerdict verdict = trust.take(busbar, feeders);
        ++score.samples;
        // A balance that never was even is the operator's to correct, and no news of an attack.
        const bool is_news =
            verdict.is_doubted && (faults.empty() || verdict.evidence.front().layer != trust::Layer::balance);
        incident.take(is_news);
        if (!is_news) {
            return;
        }
        ++score.alarms;
        const trust::Evidence& first = verdict.evidence.front();
        const bool is_feeder = verdict.accused && *verdict.accused < feeders_.size();
        append_csv_text(text_, name_);
        text_ += fmt::format(",{},{},{:.3f},{},{:.3f},", plain_time(at),
                             is_feeder ? fmt::to_string(feeders_[*verdict.accused]) : "", verdict.score,
                             to_string(first.layer), first.confidence);
        append_csv_text(text_, first.detail);
        text_ += '\n';
    }

    const std::string& name_;
    const Substation& readings_;
    milliseconds cadence_;
    std::string& text_;
    std::vector<int> feeders_;
    std::vector<std::string> names_;
    std::vector<trust::BalanceSample> first_day_;
    std::size_t slots_a_day_ = 0;
    bool looked_ = false;  // for faults, at the end of the first day
    bool has_busbar_ = false;
};

}  // namespace

Result<TrustScore> score_readings(const std::filesystem::path& file, const std::filesystem::path& out,
                                  const Progress& progress) {
    Substations all;
    std::uint64_t rows = 0;
    const Result<void> read = for_each_csv_row(
        file,
        [&](const CsvRow& row) -> Result<void> {
            if (++rows > readings_rows_max) {
                return row_error(file, row, fmt::format("more than {} rows", readings_rows_max));
            }
            return take_row(file, row, all);
        },
        progress);
    if (!read) {
        return read.error();
    }
    TrustScore score;
    std::uint64_t incidents = 0;
    std::size_t left_out = 0;
    std::string faults;
    std::string text = "substation,timestamp,feeder,score,layer,confidence,evidence\n";
    for (const auto& [name, substation] : all) {
        const std::optional<milliseconds> cadence = cadence_of(substation);
        const bool is_usable = cadence && *cadence >= minutes{1} && *cadence <= hours{1};
        SubstationRun run(name, substation, is_usable ? *cadence : milliseconds{minutes{10}}, text);
        if (!is_usable || !run.can_be_judged()) {
            ++left_out;
            continue;
        }
        run.judge(score);
        incidents += run.incidents;
        faults += run.faults;
        ++score.places;
    }
    if (score.places == 0) {
        return Error{Errc::invalid,
                     fmt::format("{} has no substation with a busbar (feeder 0), feeders and readings a "
                                 "minute to an hour apart",
                                 file.string())};
    }
    score.detail =
        fmt::format("{} incidents{}", incidents,
                    left_out == 0 ? ""
                                  : fmt::format("; {} substations without busbar, feeders or an even "
                                                "distance were left out",
                                                left_out));
    if (!faults.empty()) {
        score.detail += "\nnot even from the start, for an operator to correct:" + faults;
    }
    const Result<void> written = write_whole(out, text);
    return written ? Result<TrustScore>(std::move(score)) : Result<TrustScore>(written.error());
}

}  // namespace headroom::app
