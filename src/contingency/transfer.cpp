#include "contingency/transfer.hpp"

#include "contingency/loss_words.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <utility>

namespace headroom::contingency {
namespace {

/// Less than a hundredth is not worth a crew's way.
constexpr std::int64_t share_least_ppm = 10'000;

/// Why an element cannot take load over; empty when it can.
std::string why_no_receiver(const ShelfNetwork& network, const ShelfState& state, std::size_t receiver) {
    for (std::size_t at = receiver; at != ShelfNetwork::none; at = network.elements()[at].parent) {
        const grid::StateEntry& entry = state.elements[at].state;
        if (entry.state != grid::OperationalState::normal) {
            return std::string(network.elements()[at].id) + " is " +
                   std::string(grid::to_string(entry.state));
        }
    }
    if (!network.elements()[receiver].has_limit()) {
        return "no limit of " + std::string(network.elements()[receiver].id) + " is known";
    }
    if (!state.elements[receiver].load.is_known) {
        return "the load of " + std::string(network.elements()[receiver].id) + " is not known";
    }
    return {};
}

class TransferSearch {
  public:
    TransferSearch(const ShelfNetwork& network, const ShelfState& state, const ReliefTotals& totals,
                   std::size_t lost, const Assumptions& assumes)
        : network_(network), state_(state), totals_(totals), lost_(lost), assumes_(assumes) {}

    Transfer run() {
        found_.interrupted_w = remaining_of(lost_)[phase_sum];
        found_.unrestored_w = found_.interrupted_w;
        if (assumes_.switches) {
            choose_ways();
            for (const bool with_relief : {false, true}) {
                if (with_relief && !assumes_.counts_relief) {
                    break;
                }
                for (std::size_t w = 0; w < ways_.size(); ++w) {
                    try_way(w, with_relief);
                }
            }
            for (std::size_t w = 0; w < ways_.size(); ++w) {
                keep_way(w);
            }
        }
        finish();
        return std::move(found_);
    }

  private:
    struct Way {
        ShelfNetwork::WayOut way;
        std::vector<std::size_t> carriers;  // places in `found_.carried`
        std::int64_t close_after = 0;
        bool waits = false;
        PhaseWatts moved_w{};
        bool is_used = false;
        std::string obstacle;
    };

    [[nodiscard]] std::int64_t scaled(std::int64_t watts) const {
        return assumes_.load_ppm == whole_ppm ? watts : watts * assumes_.load_ppm / whole_ppm;
    }

    /// What an element within the lost one still waits to be supplied with, from 0 up.
    PhaseWatts& remaining_of(std::size_t element) {
        for (auto& [at, rows] : remaining_) {
            if (at == element) {
                return rows;
            }
        }
        PhaseWatts rows{};
        const ElementLoad& load = state_.elements[element].load;
        for (std::size_t phase = 0; phase < phase_count && load.is_known; ++phase) {
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                rows[phase][t] = std::max<std::int64_t>(0, scaled(high_load_w(load, phase, t)));
            }
        }
        remaining_.emplace_back(element, rows);
        return remaining_.back().second;
    }

    std::size_t carried_place(std::size_t element) {
        for (std::size_t i = 0; i < found_.carried.size(); ++i) {
            if (found_.carried[i].element == element) {
                return i;
            }
        }
        Carried carried{.element = element};
        const ElementLoad& load = state_.elements[element].load;
        for (std::size_t phase = 0; phase < phase_count && load.is_known; ++phase) {
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                carried.before_w[phase][t] = scaled(high_load_w(load, phase, t));
            }
        }
        carried.after_w = carried.before_w;
        found_.carried.push_back(carried);
        return found_.carried.size() - 1;
    }

    void choose_ways() {
        for (const ShelfNetwork::WayOut& out : network_.ways_out(lost_)) {
            const ShelfNetwork::TieEdge& tie = network_.ties()[out.tie];
            std::string why = why_no_receiver(network_, state_, out.receiver);
            if (why.empty() && period_after(state_, tie.minutes) >= shelf_periods) {
                why = "closing it takes " + std::to_string(tie.minutes) + " minutes";
            }
            if (why.empty() && assumes_.remote_only && !tie.is_remote) {
                why = "only what is remote controlled is counted on";
            }
            if (!why.empty()) {
                found_.unused.push_back({std::string(tie.id), std::move(why)});
                continue;
            }
            Way way{.way = out, .close_after = tie.minutes};
            for (const std::size_t carrier : network_.carriers(out.receiver, lost_)) {
                way.carriers.push_back(carried_place(carrier));
            }
            static_cast<void>(remaining_of(out.inner));
            ways_.push_back(std::move(way));
        }
    }

    /// Whether a share of what is left at the inner end fits; `first_over` is the first half-hour that needs
    /// relief.
    bool fits(const Way& way, std::int64_t share_ppm, bool with_relief, std::size_t& first_over) {
        const PhaseWatts& rest = remaining_of(way.way.inner);
        const std::int64_t rating_w = network_.ties()[way.way.tie].rating_w;
        first_over = shelf_periods;
        for (std::size_t t = period_after(state_, way.close_after); t < shelf_periods; ++t) {
            if (way.moved_w[phase_sum][t] + rest[phase_sum][t] * share_ppm / whole_ppm > rating_w) {
                return false;
            }
            for (const std::size_t place : way.carriers) {
                const Carried& carried = found_.carried[place];
                for (std::size_t phase = 0; phase < phase_count; ++phase) {
                    const std::int64_t limit = network_.elements()[carried.element].limits[phase].binding_w;
                    const std::int64_t more = rest[phase][t] * share_ppm / whole_ppm;
                    const std::int64_t over = carried.after_w[phase][t] + more - limit;
                    if (limit == 0 || over <= 0) {
                        continue;
                    }
                    if (!with_relief || over > totals_.below_w[carried.element][phase][t]) {
                        return false;
                    }
                    first_over = std::min(first_over, t);
                }
            }
        }
        return true;
    }

    void try_way(std::size_t w, bool with_relief) {
        Way& way = ways_[w];
        const PhaseWatts& rest = remaining_of(way.way.inner);
        if (*std::max_element(rest[phase_sum].begin(), rest[phase_sum].end()) <= 0) {
            return;
        }
        std::size_t first_over = shelf_periods;
        std::int64_t share = whole_ppm;
        if (!fits(way, share, with_relief, first_over)) {
            std::int64_t too_much = whole_ppm;
            share = 0;
            while (too_much - share > share_least_ppm / 10) {
                const std::int64_t middle = (share + too_much) / 2;
                (fits(way, middle, with_relief, first_over) ? share : too_much) = middle;
            }
            if (share < share_least_ppm || !fits(way, share, with_relief, first_over)) {
                return;
            }
        }
        move(way, share, first_over);
    }

    void move(Way& way, std::int64_t share_ppm, std::size_t first_over) {
        if (first_over < shelf_periods) {
            std::int64_t notice = 0;
            for (const std::size_t place : way.carriers) {
                notice = std::max(notice, totals_.notice_minutes[found_.carried[place].element]);
            }
            if (notice > way.close_after && minutes_until(state_, first_over) < notice) {
                way.close_after = notice;
                way.waits = true;
                if (period_after(state_, notice) >= shelf_periods) {
                    return;
                }
            }
        }
        way.is_used = true;
        const std::size_t from = period_after(state_, way.close_after);
        const PhaseWatts rest = remaining_of(way.way.inner);
        for (std::size_t phase = 0; phase < phase_count; ++phase) {
            for (std::size_t t = 0; t < shelf_periods; ++t) {
                const std::int64_t more = rest[phase][t] * share_ppm / whole_ppm;
                take_off(way.way.inner, phase, t, more, rest[phase][t]);
                if (t < from) {
                    continue;
                }
                way.moved_w[phase][t] += more;
                for (const std::size_t place : way.carriers) {
                    found_.carried[place].after_w[phase][t] += more;
                }
            }
        }
    }

    /// `inner` and what is above it within the lost element wait for less, and so does in proportion what is
    /// below.
    void take_off(std::size_t inner, std::size_t phase, std::size_t t, std::int64_t watts,
                  std::int64_t of_watts) {
        for (auto& [at, rows] : remaining_) {
            std::int64_t& left = rows[phase][t];
            if (network_.is_within(inner, at)) {
                left = std::max<std::int64_t>(0, left - watts);
            } else if (network_.is_within(at, inner) && of_watts > 0) {
                left -= left * watts / of_watts;
            }
        }
    }

    void keep_way(std::size_t w) {
        Way& way = ways_[w];
        const ShelfNetwork::TieEdge& tie = network_.ties()[way.way.tie];
        if (way.is_used) {
            found_.moves.push_back({way.way, way.moved_w, way.close_after, way.waits});
            return;
        }
        const PhaseWatts& rest = remaining_of(way.way.inner);
        const bool is_needed = *std::max_element(rest[phase_sum].begin(), rest[phase_sum].end()) > 0;
        found_.unused.push_back({std::string(tie.id), is_needed ? obstacle(way) : "it is not needed"});
    }

    /// Who has least room for what is left.
    std::string obstacle(const Way& way) {
        const PhaseWatts& rest = remaining_of(way.way.inner);
        std::string text = "it carries no more than " + in_kw(network_.ties()[way.way.tie].rating_w);
        double least = 1.0;
        for (const std::size_t place : way.carriers) {
            const Carried& carried = found_.carried[place];
            for (std::size_t phase = 0; phase < phase_count; ++phase) {
                const std::int64_t limit = network_.elements()[carried.element].limits[phase].binding_w;
                for (std::size_t t = period_after(state_, way.close_after); limit > 0 && t < shelf_periods;
                     ++t) {
                    const std::int64_t room = limit - carried.after_w[phase][t];
                    const double share =
                        rest[phase][t] <= 0 ? 1.0
                                            : static_cast<double>(room) / static_cast<double>(rest[phase][t]);
                    if (share < least) {
                        least = share;
                        text =
                            std::string(network_.elements()[carried.element].id) + " would carry " +
                            in_kw(carried.after_w[phase][t]) + " of " + in_kw(limit) + " on " +
                            (phase == phase_sum ? "the sum" : std::string(grid::to_string(phase_at(phase)))) +
                            " without it, and " + in_kw(totals_.below_w[carried.element][phase][t]) +
                            " could be relieved";
                    }
                }
            }
        }
        return text;
    }

    void finish() {
        for (std::size_t t = 0; t < shelf_periods; ++t) {
            for (const Move& one : found_.moves) {
                found_.unrestored_w[t] -= one.load_w[phase_sum][t];
            }
            found_.unrestored_w[t] = std::max<std::int64_t>(0, found_.unrestored_w[t]);
        }
        std::erase_if(found_.carried,
                      [](const Carried& carried) { return carried.after_w == carried.before_w; });
        for (Carried& carried : found_.carried) {
            for (std::size_t phase = 0; phase < phase_count; ++phase) {
                const std::int64_t limit = network_.elements()[carried.element].limits[phase].binding_w;
                for (std::size_t t = 0; limit > 0 && t < shelf_periods; ++t) {
                    const bool has_more = carried.after_w[phase_sum][t] != carried.before_w[phase_sum][t];
                    carried.need_w[phase][t] =
                        has_more ? std::max<std::int64_t>(0, carried.after_w[phase][t] - limit) : 0;
                }
            }
        }
        std::stable_sort(found_.carried.begin(), found_.carried.end(),
                         [this](const Carried& a, const Carried& b) {
                             const auto depth = [this](const Carried& carried) {
                                 return network_.elements()[carried.element].depth;
                             };
                             return depth(a) != depth(b) ? depth(a) > depth(b) : a.element < b.element;
                         });
    }

    const ShelfNetwork& network_;
    const ShelfState& state_;
    const ReliefTotals& totals_;
    std::size_t lost_;
    Assumptions assumes_;
    Transfer found_;
    std::vector<Way> ways_;
    std::vector<std::pair<std::size_t, PhaseWatts>> remaining_;
};

}  // namespace

std::int64_t high_load_w(const ElementLoad& load, std::size_t phase, std::size_t period) {
    return phase == phase_sum || load.has_phases ? load.high[phase][period]
                                                 : load.high[phase_sum][period] / 3;
}

std::size_t period_after(const ShelfState& state, std::int64_t minutes_after) {
    const milliseconds after = state.now - state.start + minutes{minutes_after};
    return static_cast<std::size_t>(after / period_length);
}

std::int64_t ms_after(const ShelfState& state, std::size_t period, std::int64_t minutes_after) {
    const UtcTime begin = state.start + period_length * static_cast<std::int64_t>(period);
    const UtcTime from = std::max(begin, state.now + minutes{minutes_after});
    return std::max<std::int64_t>(0, (begin + period_length - from).count());
}

std::int64_t minutes_until(const ShelfState& state, std::size_t period) {
    const UtcTime begin = state.start + period_length * static_cast<std::int64_t>(period);
    return std::max<std::int64_t>(0, std::chrono::floor<minutes>(begin - state.now).count());
}

Transfer find_transfer(const ShelfNetwork& network, const ShelfState& state, const ReliefTotals& totals,
                       std::size_t lost, const Assumptions& assumes) {
    return TransferSearch(network, state, totals, lost, assumes).run();
}

}  // namespace headroom::contingency
